package sliotlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/internal/lastexport"
	"github.com/otelsli/otelsli-go/otelsli"
)

// patient makes a receiver ask for a pause at its first request.
func patient(r *receiver, pause time.Duration) {
	r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
		if n > 0 {
			return &collector.ExportMetricsServiceResponse{}, nil
		}
		s, err := status.New(codes.ResourceExhausted, "too many").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(pause)})
		return nil, errors.Join(err, s.Err())
	}
	r.status = func(w http.ResponseWriter, n int) bool {
		if n > 0 {
			return false
		}
		w.Header().Set("Retry-After", fmt.Sprint(pause.Seconds()))
		http.Error(w, "too many", http.StatusTooManyRequests)
		return true
	}
}

// TestWaitsAsLongAsTheReceiverAsks, over exports.
func TestWaitsAsLongAsTheReceiverAsks(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		patient(r, 6*time.Second)
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), quick)
		try := func() (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			began := time.Now()
			err := e.Export(ctx, someMetrics(metricdata.DeltaTemporality))
			return time.Since(began), err
		}
		took, err := try()
		failure, ok := errors.AsType[*ExportError](err)
		if !ok || took > 1800*time.Millisecond {
			t.Fatalf("%v after %v, want an ExportError before its time is over", err, took)
		}
		wantText(t, err, "too many; it asks to wait until ")
		if left := time.Until(failure.WaitUntil); left < 2*time.Second || left > 6*time.Second {
			t.Errorf("to wait for %v, want 6 s", left)
		}
		_, err = try()
		wantText(t, err, "sliotlp: not sent: the receiver asked to wait until ", "; last answer: ", "too many")
		if failure, ok := errors.AsType[*ExportError](err); !ok || failure.Attempts != 0 || len(r.got()) != 1 {
			t.Errorf("%d requests, %#v", len(r.got()), err)
		}
		time.Sleep(time.Until(failure.WaitUntil))
		if _, err = try(); err != nil || len(r.got()) != 2 {
			t.Errorf("%d requests, %v", len(r.got()), err)
		}
		if _, err = try(); err != nil || len(r.got()) != 3 {
			t.Errorf("%d requests, %v", len(r.got()), err)
		}
	})
}

// TestWaitsWithinAnExport where there is the time.
func TestWaitsWithinAnExport(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		patient(r, time.Second)
		if err := export(t, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), quick)); err != nil || len(r.got()) != 2 {
			t.Errorf("%d requests, %v", len(r.got()), err)
		}
	})
}

// TestTheLastExportDoesNotWait, for what it has is nowhere else.
func TestTheLastExportDoesNotWait(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		patient(r, time.Hour)
		catalog := otelsli.NewCatalog()
		sli := otelsli.MustNew(otelsli.Spec{Name: "order"}, []struct{}{{}}, otelsli.WithCatalog(catalog))
		pipeline, err := slisdk.NewPipeline("otlp", catalog, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithTemporality(Delta), quick))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			sli.Record(t.Context(), struct{}{}, otelsli.Success)
			if err := pipeline.Flush(t.Context()); err == nil || len(r.got()) != 1 {
				t.Errorf("%d requests, %v", len(r.got()), err)
			}
		}
		if err := pipeline.Shutdown(lastexport.With(t.Context())); err != nil || len(r.got()) != 2 {
			t.Fatalf("%d requests, %v", len(r.got()), err)
		}
		if n := sum(r.got()[1:], "sli.order.total"); n != 2 {
			t.Errorf("the last export has %d events, want 2", n)
		}
	})
}

// TestNobodyIsHeededForEver: a clock that is wrong, or a number.
func TestNobodyIsHeededForEver(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"86400", "99999999999999999999", time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat), "18446744073709551615"} {
		r := listen(t, HTTPProtobuf, nil)
		r.status = func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		failure := failing(t, 2*time.Second, WithEndpoint(r.url), quick)
		left := time.Until(failure.WaitUntil)
		if value == "99999999999999999999" { // no number that anybody can read
			if !failure.WaitUntil.IsZero() {
				t.Errorf("%s: to wait for %v", value, left)
			}
			continue
		}
		if left > MaxWait || left < MaxWait-10*time.Second {
			t.Errorf("%s: to wait for %v, want %v", value, left, MaxWait)
		}
	}
}

// TestPatienceHasACause, or there is none.
func TestPatienceHasACause(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Minute)
	for name, test := range map[string]struct {
		attempts attempts
		want     bool
	}{
		"none":    {attempts{wait: soon, cause: errors.New("a")}, false},
		"asked":   {attempts{n: 1, wait: soon, cause: errors.New("a")}, true},
		"late":    {attempts{n: 1, wait: soon, late: errors.New("a")}, false},
		"passed":  {attempts{n: 1, wait: time.Now(), cause: errors.New("a")}, false},
		"unasked": {attempts{n: 1, cause: errors.New("a")}, false},
	} {
		var p patience
		p.note(&test.attempts)
		if until, cause := p.asked(t.Context()); until.IsZero() == test.want || test.want && cause == nil {
			t.Errorf("%s: until %v because of %v", name, until, cause)
		}
		if until, _ := p.asked(lastexport.With(t.Context())); !until.IsZero() {
			t.Errorf("%s: the last export waits until %v", name, until)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-1": 0, "1.5": 0, "soon": 0, "99999999": 24 * time.Hour,
		"Mon, 02 Jan 2006 15:04:05 GMT": -1, // over
	} {
		if got := retryAfter(value); got != want && (want >= 0 || got >= 0) {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "7", "-1", "18446744073709551615", "Mon, 02 Jan 2006 15:04:05 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a := &attempts{}
		a.ask(retryAfter(value))
		if time.Until(a.wait) > MaxWait {
			t.Errorf("%q: until %v", value, a.wait)
		}
	})
}

// FuzzBodyText: whatever a receiver answers becomes a line of bounded length.
func FuzzBodyText(f *testing.F) {
	f.Add("text/plain", []byte("no\ngood"))
	f.Add("application/x-protobuf", []byte{0x12, 0x02, 'n', 'o'})
	f.Add("a/b; c", []byte{0xff})
	e := &exporter{plan: plan{config: config{headers: map[string]string{"a": "s3cret-t0ken"}}}}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		text := e.brief(&answer{status: 400, text: bodyText(contentType, body)})
		if len(text) > maxText+len("…") || strings.ContainsAny(text, "\n\r\x1b\x00") || strings.Contains(text, "s3cret-t0ken") {
			t.Errorf("%q", text)
		}
	})
}
