package slihttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	sleep := func(d time.Duration) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { time.Sleep(d) }
	}
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	tests := map[string]struct {
		handler http.HandlerFunc
		cancel  time.Duration // when the client goes away; 0 is never
		options []slihttp.RouteOption
		want    otelsli.Counts
	}{
		"no write":                {handler: func(http.ResponseWriter, *http.Request) {}, want: one},
		"write":                   {handler: ok, want: one},
		"201":                     {handler: respond(201), want: one},
		"404":                     {handler: respond(404), want: ignored},
		"429":                     {handler: respond(429), want: failed},
		"503":                     {handler: respond(503), want: failed},
		"at the threshold":        {handler: sleep(threshold), want: one},
		"past the threshold":      {handler: sleep(threshold + 1), want: slow},
		"abort":                   {handler: abort, want: failed},
		"panic":                   {handler: func(http.ResponseWriter, *http.Request) { panic("boom") }, want: failed},
		"nil panic":               {handler: func(http.ResponseWriter, *http.Request) { panic(any(nil)) }, want: failed}, //nolint:govet // on purpose
		"cancelled before":        {handler: sleep(threshold), cancel: threshold / 2, want: ignored},
		"cancelled after":         {handler: sleep(2 * threshold), cancel: threshold / 2, want: failed},
		"first status counts":     {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); w.WriteHeader(200) }, want: failed},
		"status after the body":   {handler: func(w http.ResponseWriter, r *http.Request) { ok(w, r); w.WriteHeader(500) }, want: one},
		"1xx is not the status":   {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(500) }, want: failed},
		"another threshold":       {handler: sleep(2 * threshold), options: []slihttp.RouteOption{slihttp.RouteThreshold(2 * threshold)}, want: one},
		"latency is not judged":   {handler: sleep(time.Hour), options: []slihttp.RouteOption{slihttp.RouteThreshold(-1)}, want: one},
		"threshold of the spec":   {handler: sleep(threshold + 1), options: []slihttp.RouteOption{slihttp.RouteThreshold(0)}, want: slow},
		"nil option":              {handler: ok, options: []slihttp.RouteOption{nil}, want: one},
		"excluded":                {handler: respond(500), options: []slihttp.RouteOption{slihttp.RouteExcluded()}, want: none},
		"classifier of the route": {handler: respond(404), options: []slihttp.RouteOption{slihttp.RouteClassifier(func(slihttp.Event) otelsli.Outcome { return otelsli.Failed })}, want: failed},
		"classifier: success becomes slow": {
			handler: sleep(2 * threshold),
			options: []slihttp.RouteOption{slihttp.RouteClassifier(func(slihttp.Event) otelsli.Outcome { return otelsli.Success })},
			want:    slow,
		},
		"classifier that panics": {
			handler: ok,
			options: []slihttp.RouteOption{slihttp.RouteClassifier(func(slihttp.Event) otelsli.Outcome { panic("boom") })},
			want:    failed,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mux := newMux(t)
				mux.With(tt.options...).HandleFunc("GET /", tt.handler)
				ctx, cancel := context.WithCancel(t.Context())
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				func() {
					defer func() { _ = recover() }()
					mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
				}()
				cancel()
				if got := mux.SLI().With(get("/")).Counts(); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestPanicGoesOnWithItsStack(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	boom := errors.New("boom")
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { deepInTheHandler(boom) })
	var stack string
	func() {
		defer func() {
			if got := recover(); got != any(boom) {
				t.Errorf("recovered %v, want %v", got, boom)
			}
			stack = string(debug.Stack())
		}()
		do(mux, "GET", "/")
	}()
	if !strings.Contains(stack, "deepInTheHandler") {
		t.Errorf("the stack does not show where the panic came from:\n%s", stack)
	}
}

//go:noinline
func deepInTheHandler(err error) { panic(err) }

func TestGoexit(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(mux, "GET", "/")
		t.Error("Goexit did not go on")
	}()
	<-done
	if got := mux.SLI().With(get("/")).Counts(); got != failed {
		t.Errorf("got %v, want %v", got, failed)
	}
}

// A panic on a real server closes the connection, as without instrumentation.
func TestPanicOnServer(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	srv := start(t, mux)
	if resp, err := srv.Client().Get(srv.URL); err == nil {
		_ = resp.Body.Close()
		t.Errorf("got status %d, want a closed connection", resp.StatusCode)
	}
	eventually(t, "the panic is counted", func() bool { return mux.SLI().With(get("/")).Counts()[otelsli.Failed] >= 1 })
}

// net/http tells a disconnect by cancelling the request, which is what Classify goes by.
func TestClientDisconnect(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	arrived := make(chan struct{})
	gone := func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
		w.WriteHeader(http.StatusInternalServerError)
	}
	mux.HandleFunc("GET /early", gone)
	mux.With(slihttp.RouteThreshold(time.Nanosecond)).HandleFunc("GET /late", gone)
	srv := start(t, mux)
	for route, want := range map[string]otelsli.Counts{"/early": ignored, "/late": failed} {
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+route, nil)
		go func() {
			<-arrived
			cancel()
		}()
		if resp, err := srv.Client().Do(req); err == nil {
			_ = resp.Body.Close()
		}
		eventually(t, "the disconnect is counted", func() bool { return mux.SLI().With(get(route)).Counts() == want })
	}
}

func TestTimeoutHandlerOutside(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.HandlerFunc
		want    otelsli.Counts
	}{
		"nothing written":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, failed},
		"written too late":   {func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done(); ok(w, r) }, failed},
		"written in vain":    {func(w http.ResponseWriter, r *http.Request) { ok(w, r); <-r.Context().Done() }, failed},
		"in time":            {ok, one},
		"hint, then nothing": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(103); <-r.Context().Done() }, failed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mux := newMux(t, slihttp.WithSpec(otelsli.Spec{Name: "http_server"}))
				mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
					tt.handler(w, r)
					time.Sleep(time.Millisecond) // TimeoutHandler has answered by now
				})
				do(http.TimeoutHandler(mux, time.Second, "too late"), "GET", "/")
				time.Sleep(time.Second)
				if got := mux.SLI().With(get("/")).Counts(); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// The deadline of the request passes, yet the response was written in full: that is a success.
func TestDeadlineOfTheContext(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { ok(w, r); <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if got := mux.SLI().With(get("/")).Counts(); got != one {
		t.Errorf("got %v, want %v", got, one)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	var events []slihttp.Event
	mux := newMux(t, slihttp.WithClassifier(func(e slihttp.Event) otelsli.Outcome {
		events = append(events, e)
		return slihttp.Classify(e)
	}))
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Kind", "order")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprint(w, "12345")
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	do(mux, "POST", "/orders/7")
	func() {
		defer func() { _ = recover() }()
		do(mux, "GET", "/panic")
	}()
	if len(events) != 2 {
		t.Fatalf("got %d events, want 2", len(events))
	}
	e := events[0]
	if e.Route != "/orders/{id}" || e.Request.Method != "POST" || e.Status != 201 || e.Bytes != 5 ||
		e.Header.Get("X-Kind") != "order" || e.Threshold != threshold || e.FirstByte <= 0 || e.Took < e.FirstByte ||
		e.Aborted || e.Panic != nil || e.Err != nil || e.Streaming || e.Hijacked {
		t.Errorf("unexpected event of a response: %+v", e)
	}
	if e := events[1]; !e.Aborted || e.Panic != "boom" || e.FirstByte != 0 || e.Route != "/panic" {
		t.Errorf("unexpected event of a panic: %+v", e)
	}
}
