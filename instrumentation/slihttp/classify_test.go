package slihttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("the service is stopping"))
	const early, late = threshold, threshold + 1
	announced := http.Header{"Content-Length": {"10"}}
	tests := map[string]struct {
		ctx  context.Context
		e    slihttp.Event
		want otelsli.Outcome
	}{
		"200":                           {e: slihttp.Event{Status: 200}, want: otelsli.Success},
		"200 at the threshold":          {e: slihttp.Event{Status: 200, Took: early}, want: otelsli.Success},
		"200 past it":                   {e: slihttp.Event{Status: 200, Took: late}, want: otelsli.Slow},
		"302":                           {e: slihttp.Event{Status: 302}, want: otelsli.Success},
		"400":                           {e: slihttp.Event{Status: 400}, want: otelsli.Ignored},
		"404 late":                      {e: slihttp.Event{Status: 404, Took: late}, want: otelsli.Ignored},
		"429":                           {e: slihttp.Event{Status: 429}, want: otelsli.Failed},
		"499":                           {e: slihttp.Event{Status: 499}, want: otelsli.Ignored},
		"500":                           {e: slihttp.Event{Status: 500}, want: otelsli.Failed},
		"599":                           {e: slihttp.Event{Status: 599}, want: otelsli.Failed},
		"panic":                         {e: slihttp.Event{Status: 200, Aborted: true, Panic: "boom"}, want: otelsli.Failed},
		"panic, client gone":            {ctx: gone, e: slihttp.Event{Status: 200, Aborted: true, Panic: "boom"}, want: otelsli.Failed},
		"panic that cannot be compared": {ctx: gone, e: slihttp.Event{Aborted: true, Panic: []int{1}}, want: otelsli.Failed},
		"Goexit":                        {e: slihttp.Event{Status: 200, Aborted: true}, want: otelsli.Failed},
		"abort":                         {e: slihttp.Event{Aborted: true, Panic: http.ErrAbortHandler}, want: otelsli.Failed},
		"abort, client gone":            {ctx: gone, e: slihttp.Event{Aborted: true, Panic: http.ErrAbortHandler}, want: otelsli.Ignored},
		"abort, client gone late":       {ctx: gone, e: slihttp.Event{Aborted: true, Panic: http.ErrAbortHandler, Took: late}, want: otelsli.Failed},
		"client gone at the threshold":  {ctx: gone, e: slihttp.Event{Status: 500, Took: early}, want: otelsli.Ignored},
		"client gone past it":           {ctx: gone, e: slihttp.Event{Status: 200, Took: late}, want: otelsli.Failed},
		"client gone with it all": {
			ctx: gone, e: slihttp.Event{Status: 200, Header: announced, Bytes: 10, Took: late}, want: otelsli.Slow,
		},
		"client gone with a part": {
			ctx: gone, e: slihttp.Event{Status: 200, Header: announced, Bytes: 9}, want: otelsli.Ignored,
		},
		"the service stopped":      {ctx: stopped, e: slihttp.Event{Status: 200}, want: otelsli.Success},
		"the service stopped, 503": {ctx: stopped, e: slihttp.Event{Status: 503}, want: otelsli.Failed},
		"stream": {
			e: slihttp.Event{Status: 200, Streaming: true, FirstByte: early, Took: time.Hour}, want: otelsli.Success,
		},
		"stream begun late": {
			e: slihttp.Event{Status: 200, Streaming: true, FirstByte: late, Took: time.Hour}, want: otelsli.Slow,
		},
		"stream that the client ends": {
			ctx: gone, e: slihttp.Event{Status: 200, Streaming: true, FirstByte: early, Took: time.Hour}, want: otelsli.Success,
		},
		"stream that panics": {
			e: slihttp.Event{Status: 200, Streaming: true, FirstByte: early, Aborted: true, Panic: 1}, want: otelsli.Failed,
		},
		"stream given up before it began": {
			ctx: gone, e: slihttp.Event{Status: 200, Streaming: true, Took: late}, want: otelsli.Failed,
		},
		"hijacked": {
			ctx: gone, e: slihttp.Event{Status: 101, Hijacked: true, Streaming: true, FirstByte: early, Took: time.Hour},
			want: otelsli.Success,
		},
		"answered by TimeoutHandler": {e: slihttp.Event{Status: 200, Err: http.ErrHandlerTimeout}, want: otelsli.Failed},
		"write deadline":             {ctx: gone, e: slihttp.Event{Status: 200, Err: fmt.Errorf("write: %w", os.ErrDeadlineExceeded)}, want: otelsli.Failed},
		"another error of writing":   {e: slihttp.Event{Status: 200, Err: http.ErrBodyNotAllowed}, want: otelsli.Success},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.e.Request = httptest.NewRequest("GET", "/", nil)
			if tt.ctx != nil {
				tt.e.Request = tt.e.Request.WithContext(tt.ctx)
			}
			tt.e.Threshold = threshold
			if got := slihttp.Classify(tt.e); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClassifyWithoutThreshold(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	e := slihttp.Event{Request: httptest.NewRequest("GET", "/", nil), Status: 200, Took: time.Hour}
	if got := slihttp.Classify(e); got != otelsli.Success {
		t.Errorf("an hour: got %v, want success", got)
	}
	e.Request = e.Request.WithContext(gone)
	if got := slihttp.Classify(e); got != otelsli.Ignored {
		t.Errorf("client gone after an hour: got %v, want ignored", got)
	}
}
