package slihttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestHTTP2(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("served by %s", r.Proto)
		}
		if _, hijacks := w.(http.Hijacker); hijacks {
			t.Error("the writer of HTTP/2 claims to be a Hijacker")
		}
		if _, pushes := w.(http.Pusher); !pushes {
			t.Error("the writer of HTTP/2 is no Pusher")
		}
		c := http.NewResponseController(w)
		for what, err := range map[string]error{
			"SetReadDeadline":  c.SetReadDeadline(time.Now().Add(time.Minute)),
			"SetWriteDeadline": c.SetWriteDeadline(time.Now().Add(time.Minute)),
			"EnableFullDuplex": c.EnableFullDuplex(),
			"Flush":            c.Flush(),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		line, _ := bufio.NewReader(r.Body).ReadString('\n')
		_, _ = io.WriteString(w, line)
		_ = c.Flush()
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	srv := httptest.NewUnstartedServer(mux)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)

	in, out := io.Pipe()
	go fmt.Fprint(out, "a\n")
	resp, err := srv.Client().Post(srv.URL+"/echo", "text/plain", in)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "a\n" || err != nil {
		t.Errorf("got %q, %v before the request ended", line, err)
	}
	_ = out.Close()
	_ = resp.Body.Close()
	if resp, err := srv.Client().Get(srv.URL + "/panic"); err == nil {
		_ = resp.Body.Close()
		t.Errorf("got status %d after a panic, want a reset stream", resp.StatusCode)
	}
	echo := slihttp.Labels{Method: "POST", Route: "/echo"}
	eventually(t, "both requests are counted", func() bool {
		return mux.SLI().With(echo).Counts() == one && mux.SLI().With(get("/panic")).Counts()[otelsli.Failed] >= 1
	})
}

func TestHTTP2Disconnect(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	arrived := make(chan struct{})
	mux.HandleFunc("GET /", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	srv := httptest.NewUnstartedServer(mux)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	if resp, err := srv.Client().Do(req); err == nil {
		_ = resp.Body.Close()
	}
	eventually(t, "the disconnect is counted", func() bool { return mux.SLI().With(get("/")).Counts() == ignored })
}

// HTTP/2 without TLS.
func TestH2C(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: mux, Protocols: &protocols}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	transport := &http.Transport{Protocols: &protocols}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(body) != "HTTP/2.0" {
		t.Errorf("got %q, want HTTP/2.0", body)
	}
	eventually(t, "the request is counted", func() bool { return mux.SLI().With(get("/")).Counts() == one })
}
