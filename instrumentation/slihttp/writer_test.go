package slihttp_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/felixge/httpsnoop"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

type (
	plain    struct{ http.ResponseWriter }
	flushing struct{}
	hijacks  struct{}
	pushes   struct{}
	notifies struct{}
)

var (
	errNoHijack = errors.New("none")
	closed      = make(<-chan bool)
)

func (flushing) Flush()                                      {}
func (hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errNoHijack }
func (pushes) Push(string, *http.PushOptions) error          { return http.ErrNotSupported }
func (notifies) CloseNotify() <-chan bool                    { return closed }

// The handler sees the optional interfaces of the writer inside, as with httpsnoop.
func TestShapes(t *testing.T) {
	t.Parallel()
	p := plain{httptest.NewRecorder()}
	writers := []http.ResponseWriter{
		p,
		struct {
			plain
			flushing
		}{plain: p},
		struct {
			plain
			hijacks
		}{plain: p},
		struct {
			plain
			pushes
		}{plain: p},
		struct {
			plain
			flushing
			hijacks
		}{plain: p},
		struct {
			plain
			flushing
			pushes
		}{plain: p},
		struct {
			plain
			hijacks
			pushes
		}{plain: p},
		struct {
			plain
			flushing
			hijacks
			pushes
		}{plain: p},
		struct {
			plain
			flushing
			hijacks
			notifies
		}{plain: p},
		struct {
			plain
			flushing
			pushes
			notifies
		}{plain: p},
		httptest.NewRecorder(),
	}
	for i, inside := range writers {
		var got string
		mux := newMux(t)
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			got = interfaces(w)
			useAll(t, w)
		})
		mux.ServeHTTP(inside, httptest.NewRequest("GET", "/", nil))
		if want := interfaces(httpsnoop.Wrap(inside, httpsnoop.Hooks{})); got != want {
			t.Errorf("writer %d: got %q, want %q", i, got, want)
		}
	}
}

func interfaces(w http.ResponseWriter) string {
	_, f := w.(http.Flusher)
	_, h := w.(http.Hijacker)
	_, p := w.(http.Pusher)
	_, c := w.(http.CloseNotifier) //nolint:staticcheck // what is tested
	return fmt.Sprintf("flush=%t hijack=%t push=%t notify=%t", f, h, p, c)
}

// useAll calls the optional methods that w has.
func useAll(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
		if err := w.(interface{ FlushError() error }).FlushError(); err != nil {
			t.Errorf("FlushError: %v", err)
		}
	}
	if h, ok := w.(http.Hijacker); ok {
		if _, _, err := h.Hijack(); !errors.Is(err, errNoHijack) {
			t.Errorf("Hijack gives %v, want what the writer inside says", err)
		}
	}
	if p, ok := w.(http.Pusher); ok {
		if err := p.Push("/x", nil); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Push gives %v, want what the writer inside says", err)
		}
	}
	if c, ok := w.(http.CloseNotifier); ok && c.CloseNotify() != closed { //nolint:staticcheck // what is tested
		t.Error("CloseNotify gives another channel")
	}
}

// A hijack that failed is none: the response decides.
func TestFailedHijack(t *testing.T) {
	t.Parallel()
	inside := struct {
		plain
		hijacks
	}{plain: plain{httptest.NewRecorder()}}
	mux := newMux(t)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		if _, _, err := w.(http.Hijacker).Hijack(); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	mux.ServeHTTP(inside, httptest.NewRequest("GET", "/", nil))
	if got := mux.SLI().With(get("/")).Counts(); got != failed {
		t.Errorf("got %v, want %v", got, failed)
	}
}

// A WebSocket in short: the handler takes the connection over and answers on it.
func TestHijack(t *testing.T) {
	t.Parallel()
	var event slihttp.Event
	mux := newMux(t, unhurried, slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome {
		event = e
		return slihttp.Classify(e)
	}))
	mux.HandleFunc("GET /ws", func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
		time.Sleep(10 * time.Millisecond) // the life of the connection is no latency
	})
	srv := start(t, mux)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v, want 101", resp, err)
	}
	fmt.Fprint(conn, "hello\n")
	if line, _ := br.ReadString('\n'); line != "hello\n" {
		t.Errorf("got %q", line)
	}
	eventually(t, "the hijack is counted", func() bool { return mux.SLI().With(get("/ws")).Counts() == one })
	if event.Status != 101 || !event.Hijacked || !event.Streaming || event.Latency() >= event.Took {
		t.Errorf("unexpected event: %+v", event)
	}
}

// unwrapping is the writer of a middleware outside that has Unwrap and nothing else.
type unwrapping struct{ http.ResponseWriter }

func (w unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// An http.ResponseController reaches through such a middleware; what it does there is seen.
func TestResponseControllerThroughMiddleware(t *testing.T) {
	t.Parallel()
	events := make(chan slihttp.Event, 1)
	mux := newMux(t, slihttp.WithStreaming(slihttp.EventStream), slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome {
		events <- e
		return slihttp.Classify(e)
	}))
	mux.HandleFunc("GET /flush", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /hijack", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	})
	srv := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(unwrapping{w}, r) }))
	for _, path := range []string{"/flush", "/hijack"} {
		if resp, err := srv.Client().Get(srv.URL + path); err == nil {
			_ = resp.Body.Close()
		}
		if e := <-events; !e.Streaming || e.FirstByte == 0 || e.Hijacked != (path == "/hijack") {
			t.Errorf("%s: unexpected event %+v", path, e)
		}
	}
}

// A writer that cannot be flushed says so, and the response has not begun.
func TestFlushNotSupported(t *testing.T) {
	t.Parallel()
	var event slihttp.Event
	mux := newMux(t, slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome {
		event = e
		return slihttp.Classify(e)
	}))
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("got %v, want %v", err, http.ErrNotSupported)
		}
	})
	mux.ServeHTTP(plain{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
	if event.FirstByte != 0 || event.Err != nil {
		t.Errorf("the event has first byte %v and error %v", event.FirstByte, event.Err)
	}
}

func TestHijackThenPanic(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	mux.HandleFunc("GET /ws", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		panic(http.ErrAbortHandler)
	})
	srv := start(t, mux)
	if resp, err := srv.Client().Get(srv.URL + "/ws"); err == nil {
		_ = resp.Body.Close()
	}
	eventually(t, "the panic is counted", func() bool { return mux.SLI().With(get("/ws")).Counts()[otelsli.Failed] >= 1 })
}

func TestResponseController(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		for what, err := range map[string]error{
			"SetReadDeadline":  c.SetReadDeadline(time.Now().Add(time.Minute)),
			"SetWriteDeadline": c.SetWriteDeadline(time.Now().Add(time.Minute)),
			"EnableFullDuplex": c.EnableFullDuplex(),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		// Full duplex: answer before the body has come in whole.
		br := bufio.NewReader(r.Body)
		for {
			line, err := br.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = io.WriteString(w, strings.ToUpper(line))
			if err := c.Flush(); err != nil {
				t.Errorf("Flush: %v", err)
			}
		}
	})
	srv := start(t, mux)
	in, out := io.Pipe()
	go fmt.Fprint(out, "a\n")
	resp, err := srv.Client().Post(srv.URL, "text/plain", in)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	br := bufio.NewReader(resp.Body)
	for _, want := range []string{"A\n", "B\n"} {
		if got, err := br.ReadString('\n'); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		if want == "A\n" {
			fmt.Fprint(out, "b\n")
		}
	}
	_ = out.Close()
	_, _ = io.Copy(io.Discard, br)
	eventually(t, "the request is counted", func() bool {
		return mux.SLI().With(slihttp.Labels{Method: "POST", Route: "/"}).Counts().Total() == 1
	})
}

// A write deadline that passes is the service's own failure, though net/http cancels the request
// then as if the client had gone.
func TestWriteDeadline(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second))
		_, _ = w.Write(make([]byte, 1<<20))
	})
	srv := start(t, mux)
	if resp, err := srv.Client().Get(srv.URL); err == nil {
		_ = resp.Body.Close()
	}
	eventually(t, "the deadline is counted", func() bool { return mux.SLI().With(get("/")).Counts()[otelsli.Failed] >= 1 })
}

// A stream that is flushed without asking for errors fails by a write deadline as any other.
func TestWriteDeadlineOfStream(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	mux.With(slihttp.RouteStreaming()).HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second))
		fmt.Fprint(w, "too late")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	srv := start(t, mux)
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	eventually(t, "the deadline is counted", func() bool { return mux.SLI().With(get("/")).Counts() != none })
	if got := mux.SLI().With(get("/")).Counts(); got != failed {
		t.Errorf("got %v, want %v", got, failed)
	}
}

func TestReadFrom(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 511, 512, 513, 1 << 20} {
		body := bytes.Repeat([]byte("x"), size)
		name := filepath.Join(t.TempDir(), "body")
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
		events := make(chan slihttp.Event, 2)
		mux := newMux(t, slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome {
			events <- e
			return otelsli.Success
		}))
		mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
		mux.HandleFunc("/copy", func(w http.ResponseWriter, _ *http.Request) {
			n, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(body))
			if n != int64(size) || err != nil {
				t.Errorf("ReadFrom gives %d, %v, want %d", n, err, size)
			}
		})
		srv := httptest.NewServer(mux)
		for _, path := range []string{"/file", "/copy"} {
			resp, err := srv.Client().Get(srv.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if e := <-events; !bytes.Equal(got, body) || e.Bytes != int64(size) || e.Err != nil || e.Status != 200 {
				t.Errorf("%s: %d bytes came, %d counted with status %d and error %v, want %d", path, len(got), e.Bytes, e.Status, e.Err, size)
			}
		}
		srv.Close()
		// A writer without ReadFrom.
		if w := do(mux, "GET", "/copy"); !bytes.Equal(w.Body.Bytes(), body) {
			t.Errorf("recorder: %d bytes came, want %d", w.Body.Len(), size)
		}
		<-events
	}
}

// A deadline that passes while the response is copied cuts it short, wherever it does so.
func TestReadFromSourceThatTimesOut(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 10, 512, 1000} {
		mux := newMux(t, unhurried)
		mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
			src := io.MultiReader(strings.NewReader(strings.Repeat("x", size)), iotest.ErrReader(os.ErrDeadlineExceeded))
			_, err := io.Copy(w, struct{ io.Reader }{src}) // by ReadFrom
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%d bytes: got %v, want %v", size, err, os.ErrDeadlineExceeded)
			}
		})
		do(mux, "GET", "/")
		if got := mux.SLI().With(get("/")).Counts(); got != failed {
			t.Errorf("%d bytes: got %v, want %v", size, got, failed)
		}
	}
}

// failing is a writer whose connection is broken.
type failing struct{ http.ResponseWriter }

var errBroken = errors.New("broken")

func (failing) Write([]byte) (int, error) { return 0, errBroken }
func (failing) Flush()                    {}
func (failing) FlushError() error         { return errBroken }

func TestErrorsOfWriting(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(http.ResponseWriter) error{
		"Write":       func(w http.ResponseWriter) error { _, err := w.Write([]byte("x")); return err },
		"WriteString": func(w http.ResponseWriter) error { _, err := io.WriteString(w, "x"); return err },
		"ReadFrom":    func(w http.ResponseWriter) error { _, err := io.Copy(w, strings.NewReader("x")); return err },
		"Flush":       func(w http.ResponseWriter) error { w.(http.Flusher).Flush(); return errBroken },
		"FlushError":  func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
	} {
		var event slihttp.Event
		mux := newMux(t, slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome { event = e; return otelsli.Failed }))
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			if err := write(w); !errors.Is(err, errBroken) {
				t.Errorf("%s: got %v, want %v", name, err, errBroken)
			}
		})
		mux.ServeHTTP(failing{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
		if !errors.Is(event.Err, errBroken) || event.Bytes != 0 {
			t.Errorf("%s: the event has error %v and %d bytes", name, event.Err, event.Bytes)
		}
	}
}
