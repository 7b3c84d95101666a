package sliotlp

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// listenRaw serves connections by hand, and counts them.
func listenRaw(t *testing.T, serve func(net.Conn)) (url string, connections *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connections = new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			serve(conn)
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String(), connections
}

const speaksTLS = "; the receiver speaks TLS, want https:// in the endpoint"

func TestPlaintextToTLS(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		a := newAuthority(t)
		for name, mutual := range map[string]bool{"TLS": false, "mutual TLS": true} {
			r := listen(t, p, a.server(mutual))
			failure := failing(t, 5*time.Second, WithProtocol(p), WithEndpoint(strings.Replace(r.url, "https", "http", 1)), WithoutRetry())
			if !failure.WantsTLS || !strings.Contains(failure.Error(), speaksTLS) {
				t.Errorf("%s: %v", name, failure)
			}
		}
	})
}

// TestTLSIsToldByWhatIsAnswered and by a handshake where nothing is.
func TestTLSIsToldByWhatIsAnswered(t *testing.T) {
	t.Parallel()
	hello := func(conn net.Conn) byte {
		var first [1]byte
		_, _ = conn.Read(first[:])
		return first[0]
	}
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  bool
	}{
		"alert": {func(conn net.Conn) { hello(conn); _, _ = conn.Write([]byte("\x15\x03\x01\x00\x02\x02\x46")) }, true},
		"nginx": {func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>"))
		}, true},
		"hangs up on all but TLS": {func(conn net.Conn) {
			if hello(conn) == 0x16 { // a handshake
				_, _ = conn.Write([]byte("\x15\x03\x01\x00\x02\x02\x28"))
			}
		}, true},
		"hangs up on everybody": {func(conn net.Conn) { hello(conn) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := listenRaw(t, test.serve)
			failure := failing(t, 5*time.Second, WithEndpoint(url), WithoutRetry())
			if failure.WantsTLS != test.want || strings.Contains(failure.Error(), speaksTLS) != test.want {
				t.Errorf("%v, want TLS: %v", failure, test.want)
			}
		})
	}
}

// TestTheHandshakeIsNotRepeated as long as an outage lasts.
func TestTheHandshakeIsNotRepeated(t *testing.T) {
	t.Parallel()
	var handshakes atomic.Int32
	url, _ := listenRaw(t, func(conn net.Conn) {
		var first [1]byte
		if _, _ = conn.Read(first[:]); first[0] == 0x16 {
			handshakes.Add(1)
		}
	})
	e := newTestExporter(t, WithEndpoint(url), WithoutRetry())
	for range 5 {
		if err := export(t, e); err == nil {
			t.Error("no error")
		}
	}
	if n := handshakes.Load(); n != 1 {
		t.Errorf("%d handshakes, want 1", n)
	}
}

// TestPlaintextToTLSUntilTheTimeIsOver: it is found out while there is time.
func TestPlaintextToTLSUntilTheTimeIsOver(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, newAuthority(t).server(false))
		failure := failing(t, 500*time.Millisecond, WithProtocol(p), WithEndpoint(strings.Replace(r.url, "https", "http", 1)), quick)
		if !failure.WantsTLS {
			t.Error(failure)
		}
	})
}

// TestAHandshakeWithoutTimeIsNoAnswer and is tried again.
func TestAHandshakeWithoutTimeIsNoAnswer(t *testing.T) {
	t.Parallel()
	r := listen(t, HTTPProtobuf, newAuthority(t).server(false))
	u := mustPlan(t, WithEndpoint(r.url)).url
	over, cancel := context.WithCancel(t.Context())
	cancel()
	p := &probe{}
	if p.speaksTLS(over, u) || !p.speaksTLS(t.Context(), u) {
		t.Error("a handshake that had no time counts")
	}
}

// TestNobodyIsAskedForTLS who has answered, or is to have it.
func TestNobodyIsAskedForTLS(t *testing.T) {
	t.Parallel()
	url, connections := listenRaw(t, func(net.Conn) {})
	u := newTestExporter(t, WithEndpoint(url)).(*exporter)
	s := newTestExporter(t, WithEndpoint(strings.Replace(url, "http", "https", 1))).(*exporter)
	for name, found := range map[string]bool{
		"no cause":   u.wantsTLS(t.Context(), nil),
		"an answer":  u.wantsTLS(t.Context(), &answer{status: 500, text: "unexpected EOF"}),
		"refused":    u.wantsTLS(t.Context(), errors.New("connect: connection refused")),
		"https":      s.wantsTLS(t.Context(), errors.New("EOF")),
		"gone since": (&probe{}).speaksTLS(t.Context(), mustPlan(t, WithEndpoint("http://127.0.0.1:1")).url),
	} {
		if found {
			t.Errorf("%s: found TLS", name)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func mustPlan(t *testing.T, options ...Option) plan {
	t.Helper()
	p, err := newConfig(options).plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
