package faults_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
)

// echo answers what it reads, line by line or not, and ends its side when the client has.
func echo(t *testing.T) string {
	t.Helper()
	return serve(t, func(conn net.Conn) { _, _ = io.Copy(conn, conn) })
}

// greet says a word, and that it is the one.
func greet(t *testing.T, word string) string {
	t.Helper()
	return serve(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, word)
		_, _ = io.Copy(io.Discard, conn)
	})
}

func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// ask sends a text and waits so long for it to come back.
func ask(t *testing.T, conn net.Conn, text string, limit time.Duration) (string, error) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(limit))
	if _, err := io.WriteString(conn, text); err != nil {
		return "", err
	}
	answer := make([]byte, len(text))
	n, err := io.ReadFull(conn, answer)
	return string(answer[:n]), err
}

const (
	soon  = 10 * time.Second       // for what is to happen
	never = 100 * time.Millisecond // for what is not
)

func wantEcho(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if got, err := ask(t, conn, text, soon); got != text || err != nil {
		t.Fatalf("%q, %v; want %q", got, err, text)
	}
}

func TestProxyPassesOnHalfCloses(t *testing.T) {
	t.Parallel()
	conn := dial(t, faults.NewProxy(t, echo(t)).Addr())
	sent := bytes.Repeat([]byte("0123456789"), 100_000)
	go func() {
		_, _ = conn.Write(sent)
		_ = conn.CloseWrite()
	}()
	_ = conn.SetReadDeadline(time.Now().Add(soon))
	if got, err := io.ReadAll(conn); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back, %v; want %d", len(got), err, len(sent))
	}
}

func TestProxyRefusesAndComesBack(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(t, echo(t))
	conn := dial(t, proxy.Addr())
	wantEcho(t, conn, "before")
	proxy.Set(faults.Refuse())
	_ = conn.SetReadDeadline(time.Now().Add(soon))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("what was connected: %v, want a reset", err)
	}
	if c, err := net.Dial("tcp", proxy.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v, %v; want it refused", c, err)
	}
	proxy.Set(faults.None())
	wantEcho(t, dial(t, proxy.Addr()), "after")
	if n := proxy.Accepted(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// What is held up goes on afterwards, by connections from before and from the time of the fault.
func TestProxyHoldsUp(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{"black hole": faults.BlackHole(), "mute": faults.Mute()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := faults.NewProxy(t, echo(t))
			old := dial(t, proxy.Addr())
			wantEcho(t, old, "before")
			proxy.Set(fault)
			young := dial(t, proxy.Addr())
			for _, conn := range []net.Conn{old, young} {
				if got, err := ask(t, conn, "during", never); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%q, %v; want no answer", got, err)
				}
			}
			proxy.Set(faults.None())
			for _, conn := range []net.Conn{old, young} {
				answer := make([]byte, len("during"))
				_ = conn.SetReadDeadline(time.Now().Add(soon))
				if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "during" {
					t.Errorf("%q, %v; want what was held up", answer, err)
				}
				wantEcho(t, conn, "after")
			}
		})
	}
}

// A black hole reads nothing: at some point a client cannot write any more. One that is mute reads on.
func TestProxyReadsOrDoesNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault faults.Fault
		reads bool
	}{"black hole": {faults.BlackHole(), false}, "mute": {faults.Mute(), true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := faults.NewProxy(t, serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }))
			proxy.Set(test.fault)
			conn := dial(t, proxy.Addr())
			_ = conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
			_, err := conn.Write(make([]byte, 32<<20))
			if (err == nil) != test.reads {
				t.Errorf("write 32 MiB: %v; want it read: %v", err, test.reads)
			}
		})
	}
}

func TestProxyIsSlow(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(t, echo(t))
	proxy.Set(faults.Slow(1000))
	begin := time.Now()
	conn := dial(t, proxy.Addr())
	wantEcho(t, conn, string(make([]byte, 300)))
	if took := time.Since(begin); took < 250*time.Millisecond {
		t.Errorf("300 bytes took %v at 1000 bytes a second", took)
	}
	proxy.Set(faults.None())
	begin = time.Now()
	wantEcho(t, conn, string(make([]byte, 100_000)))
	if took := time.Since(begin); took > soon/2 {
		t.Errorf("it is slow after the fault: %v", took)
	}
}

func TestProxyResetsInTheMiddle(t *testing.T) {
	t.Parallel()
	read := make(chan int, 2)
	proxy := faults.NewProxy(t, serve(t, func(conn net.Conn) {
		n, _ := io.Copy(io.Discard, conn)
		read <- int(n)
	}))
	proxy.Set(faults.Reset(1000))
	for range 2 { // each connection anew
		conn := dial(t, proxy.Addr())
		_, _ = conn.Write(make([]byte, 5000))
		_ = conn.SetReadDeadline(time.Now().Add(soon))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read: %v, want a reset", err)
		}
		if n := <-read; n > 1000 {
			t.Errorf("the server got %d bytes, want no more than 1000", n)
		}
	}
}

// What was connected stays dead after the fault too; what connects is served even while it lasts.
func TestProxyVanishes(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(t, echo(t))
	old := dial(t, proxy.Addr())
	wantEcho(t, old, "before")
	proxy.Set(faults.Vanish())
	wantEcho(t, dial(t, proxy.Addr()), "another")
	for range 2 {
		if got, err := ask(t, old, "during", never); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q, %v; want no sign of life", got, err)
		}
		proxy.Set(faults.None())
	}
}

func TestProxyGoesElsewhere(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(t, greet(t, "a"))
	hear := func(conn net.Conn) string {
		word := make([]byte, 1)
		_ = conn.SetReadDeadline(time.Now().Add(soon))
		if _, err := io.ReadFull(conn, word); err != nil {
			return err.Error()
		}
		return string(word)
	}
	old := dial(t, proxy.Addr())
	if got := hear(old); got != "a" {
		t.Fatalf("%q, want a", got)
	}
	proxy.SetTarget(greet(t, "b"))
	if got := hear(dial(t, proxy.Addr())); got != "b" {
		t.Errorf("%q, want b", got)
	}
	_ = old.SetReadDeadline(time.Now().Add(soon))
	if _, err := old.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection from before: %v, want a reset", err)
	}
}

func TestProxyEndsTLS(t *testing.T) {
	t.Parallel()
	own, other := faults.NewAuthority(t), faults.NewAuthority(t)
	proxy := faults.NewProxy(t, echo(t), faults.WithTLS(own.Server(t)))
	client := func(a *faults.Authority) (*tls.Conn, error) {
		config := a.Client()
		config.ServerName = "127.0.0.1"
		conn := tls.Client(dial(t, proxy.Addr()), config)
		return conn, conn.HandshakeContext(t.Context())
	}
	conn, err := client(own)
	if err != nil {
		t.Fatal(err)
	}
	wantEcho(t, conn, "secret")
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
		t.Errorf("after the end of the client: %q, %v; want the end", rest, err)
	}
	if _, err := client(other); err == nil {
		t.Error("the certificate is trusted by another authority")
	}
}

// A server that cannot be reached is a reset for the client, which is told at once.
func TestProxyWithoutAServer(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("tcp", faults.NewProxy(t, "127.0.0.1:1").Addr())
	if err != nil {
		return // it was reset at once
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(soon))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v, want a reset", err)
	}
}

// A reset tells the client nothing, but an answer before the end is passed on.
func TestProxyPassesOnTheLastWord(t *testing.T) {
	t.Parallel()
	for range 20 {
		conn := dial(t, faults.NewProxy(t, serve(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			_, _ = fmt.Fprint(conn, "no")
		})).Addr())
		_, _ = conn.Write(make([]byte, 10_000)) // of which most is not read
		_ = conn.SetReadDeadline(time.Now().Add(soon))
		if got, _ := io.ReadAll(conn); string(got) != "no" {
			t.Fatalf("%q, want the answer of a server that has not read everything", got)
		}
	}
}
