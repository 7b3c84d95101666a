package sliprom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })

func TestNewServerRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:metrics", "127.0.0.1:65536", "::1:9464", "http://127.0.0.1:9464"} {
		_, err := NewServer(address, hello)
		var field *otelsli.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), fmt.Sprintf("%q", address)) {
			t.Errorf("%q: error %v", address, err)
		}
	}
	if _, err := NewServer("x", nil); err == nil || strings.Count(err.Error(), "want") != 2 {
		t.Errorf("error %v, want one for the address and one for the handler", err)
	}
	for _, address := range []string{":9464", "127.0.0.1:0", "[::1]:9464", "localhost:9464"} {
		if _, err := NewServer(address, hello, nil); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestServerLife(t *testing.T) {
	t.Parallel()
	s, err := NewServer("127.0.0.1:0", hello)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Addr(); got != "127.0.0.1:0" {
		t.Errorf("address %q before Listen", got)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	address := s.Addr()
	if err := s.Listen(); err != nil || s.Addr() != address {
		t.Errorf("second Listen: %v, at %s", err, s.Addr())
	}
	other, _ := NewServer(address, hello)
	if err := other.Listen(); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("an address twice: %v", err)
	}
	if err := other.Serve(); err == nil {
		t.Error("an address served twice")
	}

	served := make(chan error)
	go func() { served <- s.Serve() }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if err := s.Listen(); !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Listen after Shutdown: %v", err)
	}
	if err := s.Serve(); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}

func TestShutdownWithoutServe(t *testing.T) {
	t.Parallel()
	s, _ := NewServer("127.0.0.1:0", hello)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", s.Addr()); err == nil {
		conn.Close()
		t.Error("the address is still open")
	}
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	entered, left := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		close(left)
	}))
	conn := dial(t, s.Addr())
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	<-left
}

func TestServerLimits(t *testing.T) {
	t.Parallel()
	s := serve(t, hello)
	conn := dial(t, s.Addr())
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 431") {
		t.Errorf("a header of 64 KiB: %.60q", answer)
	}
	h := s.server
	for name, d := range map[string]time.Duration{
		"ReadHeaderTimeout": h.ReadHeaderTimeout, "ReadTimeout": h.ReadTimeout, "WriteTimeout": h.WriteTimeout, "IdleTimeout": h.IdleTimeout,
	} {
		if d <= 0 {
			t.Errorf("no %s", name)
		}
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func TestServerLogs(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s, err := NewServer("127.0.0.1:0", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler is broken") }),
		WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()
	conn := dial(t, s.Addr())
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	io.ReadAll(conn)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	<-served
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "handler is broken") {
		t.Errorf("logged %q", log.String())
	}
}
