package slihttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestStreamsAreJudgedByFirstByte(t *testing.T) {
	t.Parallel()
	const long = 10 * threshold
	events := func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/event-stream; charset=utf-8") }
	write := func(w http.ResponseWriter) { _, _ = io.WriteString(w, "data: 1\n\n") }
	flush := func(w http.ResponseWriter) { w.(http.Flusher).Flush() }
	flushError := func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }
	wait := func(d time.Duration) func(http.ResponseWriter) { return func(http.ResponseWriter) { time.Sleep(d) } }
	copySlowly := func(w http.ResponseWriter) {
		_, _ = io.Copy(w, &slowReader{wait: long, data: strings.NewReader("data")})
	}
	boom := func(http.ResponseWriter) { panic("boom") }
	header := slihttp.WithStreaming(slihttp.EventStream)
	tests := map[string]struct {
		steps   []func(http.ResponseWriter)
		options []slihttp.Option
		route   []slihttp.RouteOption
		cancel  time.Duration
		want    otelsli.Counts
	}{
		"by header":              {steps: steps(events, write, wait(long)), options: opts(header), want: one},
		"by header, begun late":  {steps: steps(events, wait(long), write), options: opts(header), want: slow},
		"by header, flush":       {steps: steps(events, flush, wait(long)), options: opts(header), want: one},
		"by header, flush error": {steps: steps(events, flushError, wait(long)), options: opts(header), want: one},
		"by header, other type":  {steps: steps(write, wait(long)), options: opts(header), want: slow},
		"without option":         {steps: steps(events, write, wait(long)), want: slow},
		"by route":               {steps: steps(write, wait(long)), route: routeOpts(slihttp.RouteStreaming()), want: one},
		"header alone":           {steps: steps(func(w http.ResponseWriter) { w.WriteHeader(200) }, wait(long)), route: routeOpts(slihttp.RouteStreaming()), want: slow},
		"copied, source is late": {steps: steps(copySlowly), route: routeOpts(slihttp.RouteStreaming()), want: slow},
		"panic later":            {steps: steps(events, write, boom), options: opts(header), want: failed},
		"status decides":         {steps: steps(events, func(w http.ResponseWriter) { w.WriteHeader(500) }, write), options: opts(header), want: failed},
		"client ends it":         {steps: steps(events, write, wait(long)), options: opts(header), cancel: 2 * threshold, want: one},
		"client gives up, late":  {steps: steps(events, wait(long)), options: opts(header), cancel: 2 * threshold, want: failed},
		"predicate that panics":  {steps: steps(write), options: opts(slihttp.WithStreaming(func(http.Header) bool { panic("boom") })), want: failed},
		"not asked if not begun": {steps: steps(), options: opts(slihttp.WithStreaming(func(http.Header) bool { panic("boom") })), want: one},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mux := newMux(t, tt.options...)
				mux.With(tt.route...).HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
					for _, step := range tt.steps {
						step(w)
					}
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				func() {
					defer func() { _ = recover() }()
					mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
				}()
				if got := mux.SLI().With(get("/")).Counts(); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func steps(s ...func(http.ResponseWriter)) []func(http.ResponseWriter) { return s }
func opts(o ...slihttp.Option) []slihttp.Option                        { return o }
func routeOpts(o ...slihttp.RouteOption) []slihttp.RouteOption         { return o }

// slowReader keeps its reader waiting once.
type slowReader struct {
	wait time.Duration
	data io.Reader
}

func (s *slowReader) Read(p []byte) (int, error) {
	time.Sleep(s.wait)
	s.wait = 0
	return s.data.Read(p)
}

// Server-sent events over a real connection: each event arrives when it is flushed, and the client
// that leaves has had a good stream.
func TestServerSentEvents(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried, slihttp.WithStreaming(slihttp.EventStream))
	next := make(chan int)
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for {
			select {
			case i := <-next:
				fmt.Fprintf(w, "data: %d\n\n", i)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	srv := start(t, mux)
	resp, err := srv.Client().Get(srv.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(resp.Body)
	for i := range 3 {
		next <- i
		if line, err := br.ReadString('\n'); line != fmt.Sprintf("data: %d\n", i) || err != nil {
			t.Errorf("got %q, %v", line, err)
		}
		_, _ = br.ReadString('\n')
	}
	_ = resp.Body.Close()
	eventually(t, "the stream is counted", func() bool { return mux.SLI().With(get("/events")).Counts() == one })
}
