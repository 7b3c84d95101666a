package sliotlp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// both runs a test for either protocol.
func both(t *testing.T, test func(t *testing.T, p Protocol)) {
	t.Helper()
	for _, p := range []Protocol{HTTPProtobuf, GRPC} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

func export(t testing.TB, e sdkmetric.Exporter) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return e.Export(ctx, someMetrics(metricdata.CumulativeTemporality))
}

func TestExportArrives(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		for _, compression := range []Compression{NoCompression, Gzip} {
			r := listen(t, p, nil)
			e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithCompression(compression),
				WithHeaders(map[string]string{"X-Scope-OrgID": "tenant 1", "authorization": "Bearer s3cret=="}))
			if err := export(t, e); err != nil {
				t.Fatal(err)
			}
			got := r.got()
			if len(got) != 1 {
				t.Fatalf("%d requests", len(got))
			}
			metric := got[0].body.ResourceMetrics[0].ScopeMetrics[0].Metrics[0]
			if v := metric.GetSum().DataPoints[0].GetAsInt(); metric.Name != "sli.order.total" || v != 42 {
				t.Errorf("%s is %d", metric.Name, v)
			}
			if got[0].compressed != (compression == Gzip) {
				t.Errorf("%v: compressed is %v", compression, got[0].compressed)
			}
			for name, want := range map[string]string{"X-Scope-OrgID": "tenant 1", "Authorization": "Bearer s3cret=="} {
				if v := got[0].header.Get(name); v != want {
					t.Errorf("header %s is %q, want %q", name, v, want)
				}
			}
			if agent := got[0].header.Get("User-Agent"); !strings.HasPrefix(agent, "OTel Go OTLP over ") {
				t.Errorf("user agent %q", agent)
			}
		}
	})
}

func TestEndpointPaths(t *testing.T) {
	t.Parallel()
	r := listen(t, HTTPProtobuf, nil)
	for _, test := range []struct {
		option Option
		want   string
	}{
		{WithEndpoint(r.url), "/v1/metrics"},
		{WithEndpoint(r.url + "/"), "/v1/metrics"},
		{WithEndpoint(r.url + "/otlp"), "/otlp/v1/metrics"},
		{WithEndpoint(r.url + "/otlp/"), "/otlp/v1/metrics"},
		{WithEndpoint(r.url + "/otlp/v1/metrics"), "/otlp/v1/metrics"},
		{WithEndpoint(r.url + "/with%20space"), "/with space/v1/metrics"},
		{WithMetricsEndpoint(r.url + "/otlp"), "/otlp"},
		{WithMetricsEndpoint(r.url + "/api/v1/otlp/v1/metrics"), "/api/v1/otlp/v1/metrics"},
		{WithMetricsEndpoint(r.url), "/"},
	} {
		if err := export(t, newTestExporter(t, test.option)); err != nil {
			t.Error(err)
		}
		got := r.got()
		if path := got[len(got)-1].path; path != test.want {
			t.Errorf("sent to %s, want %s", path, test.want)
		}
	}
}

func TestMetricsEndpointGoesFirst(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		e := newTestExporter(t, WithProtocol(p), WithMetricsEndpoint(r.url), WithEndpoint("http://127.0.0.1:1"))
		if err := export(t, e); err != nil || len(r.got()) != 1 {
			t.Errorf("%d requests, %v", len(r.got()), err)
		}
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		a := newAuthority(t)
		cert, key := a.issue("client")
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		plain, mutual := listen(t, p, a.server(false)), listen(t, p, a.server(true))
		for name, test := range map[string]struct {
			receiver *receiver
			option   Option
			fails    bool
		}{
			"files":                     {plain, WithTLSFiles(a.file(), "", ""), false},
			"config":                    {plain, WithTLSConfig(a.client()), false},
			"unknown authority":         {plain, nil, true},
			"another authority":         {plain, WithTLSFiles(newAuthority(t).file(), "", ""), true},
			"mutual files":              {mutual, WithTLSFiles(a.file(), cert, key), false},
			"mutual config":             {mutual, WithTLSConfig(&tls.Config{RootCAs: a.pool, Certificates: []tls.Certificate{pair}}), false},
			"mutual, no certificate":    {mutual, WithTLSFiles(a.file(), "", ""), true},
			"mutual, certificate alone": {mutual, WithTLSFiles("", cert, key), true},
		} {
			e := newTestExporter(t, WithProtocol(p), WithEndpoint(test.receiver.url), WithoutRetry(), test.option, WithTimeout(2*time.Second))
			if err := export(t, e); (err != nil) != test.fails {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		r.answer = func(int) (*collector.ExportMetricsServiceResponse, error) {
			return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{
				RejectedDataPoints: 3, ErrorMessage: "too old",
			}}, nil
		}
		err := export(t, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url)))
		if err == nil || !strings.Contains(err.Error(), "OTLP partial success: too old (3 metric data points rejected)") {
			t.Errorf("error %v", err)
		}
		if len(r.got()) != 1 {
			t.Errorf("sent %d times, want once", len(r.got()))
		}
	})
}

// refuse makes a receiver refuse its first request, for a cause that passes or does not.
func refuse(r *receiver, passing bool) {
	r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
		switch {
		case n > 0:
			return &collector.ExportMetricsServiceResponse{}, nil
		case passing:
			return nil, status.Error(codes.Unavailable, "not now")
		}
		return nil, status.Error(codes.InvalidArgument, "never")
	}
	r.status = func(w http.ResponseWriter, n int) bool {
		switch {
		case n > 0:
			return false
		case passing:
			w.Header().Set("Retry-After", "0")
			http.Error(w, "not now", http.StatusServiceUnavailable)
		default:
			http.Error(w, "never", http.StatusBadRequest)
		}
		return true
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	quick := WithRetry(Retry{Initial: time.Millisecond, Max: time.Millisecond, MaxElapsed: 5 * time.Second})
	for name, test := range map[string]struct {
		option  Option
		passing bool
		want    int // requests
	}{
		"passing cause":    {quick, true, 2},
		"lasting cause":    {quick, false, 1},
		"without retry":    {WithoutRetry(), true, 1},
		"the last one set": {WithOptions(WithoutRetry(), quick), true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, p Protocol) {
				r := listen(t, p, nil)
				refuse(r, test.passing)
				err := export(t, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), test.option))
				if (err == nil) != (test.want == 2) || len(r.got()) != test.want {
					t.Errorf("%d requests, want %d; error %v", len(r.got()), test.want, err)
				}
			})
		})
	}
}

// WithOptions is several options as one.
func WithOptions(options ...Option) Option {
	return optionFunc(func(c *config) {
		for _, o := range options {
			o.apply(c)
		}
	})
}

// TestRetryHeedsTheDelayOfTheServer asks for a second where the backoff is a millisecond.
func TestRetryHeedsTheDelayOfTheServer(t *testing.T) {
	t.Parallel()
	r := listen(t, HTTPProtobuf, nil)
	r.status = func(w http.ResponseWriter, n int) bool {
		if n == 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n == 0
	}
	began := time.Now()
	e := newTestExporter(t, WithEndpoint(r.url), WithRetry(Retry{Initial: time.Millisecond, Max: time.Millisecond}))
	if err := export(t, e); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < 900*time.Millisecond || len(r.got()) != 2 {
		t.Errorf("%d requests in %v, want 2 in a second", len(r.got()), took)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		var elsewhere atomic.Int32
		other := listen(t, HTTPProtobuf, nil)
		other.status = func(http.ResponseWriter, int) bool { elsewhere.Add(1); return false }
		r := listen(t, HTTPProtobuf, nil)
		r.status = func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Location", other.url)
			w.WriteHeader(code)
			return true
		}
		err := export(t, newTestExporter(t, WithEndpoint(r.url)))
		if err == nil || !strings.Contains(err.Error(), http.StatusText(code)) || elsewhere.Load() != 0 {
			t.Errorf("%d: error %v, %d requests elsewhere", code, err, elsewhere.Load())
		}
	}
}

// TestTimeout against a receiver that takes the connection and says nothing.
func TestTimeout(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		e := newTestExporter(t, WithProtocol(p), WithEndpoint("http://"+listener.Addr().String()), WithTimeout(100*time.Millisecond), WithoutRetry())
		began := time.Now()
		if err := export(t, e); err == nil {
			t.Error("no error")
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url))
		if err := export(t, e); err != nil {
			t.Error(err)
		}
		if err := errors.Join(e.ForceFlush(t.Context()), e.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
		if err := export(t, e); err == nil {
			t.Error("an export after Shutdown is no error")
		}
	})
}

func TestTemporalityAndAggregation(t *testing.T) {
	t.Parallel()
	kinds := []sdkmetric.InstrumentKind{
		sdkmetric.InstrumentKindCounter, sdkmetric.InstrumentKindHistogram,
		sdkmetric.InstrumentKindObservableCounter, sdkmetric.InstrumentKindUpDownCounter,
	}
	const delta, total = metricdata.DeltaTemporality, metricdata.CumulativeTemporality
	both(t, func(t *testing.T, p Protocol) {
		for preference, want := range map[Temporality][]metricdata.Temporality{
			Cumulative: {total, total, total, total},
			Delta:      {delta, delta, delta, total},
			LowMemory:  {delta, delta, total, total},
		} {
			e := newTestExporter(t, WithProtocol(p), WithTemporality(preference))
			var got []metricdata.Temporality
			for _, k := range kinds {
				got = append(got, e.Temporality(k))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", preference, diff)
			}
		}
		explicit := newTestExporter(t, WithProtocol(p))
		if _, ok := explicit.Aggregation(sdkmetric.InstrumentKindHistogram).(sdkmetric.AggregationExplicitBucketHistogram); !ok {
			t.Error("histograms are not explicit by default")
		}
		adaptive := newTestExporter(t, WithProtocol(p), WithHistogramAggregation(ExponentialBuckets))
		if _, ok := adaptive.Aggregation(sdkmetric.InstrumentKindHistogram).(sdkmetric.AggregationBase2ExponentialHistogram); !ok {
			t.Error("histograms are not exponential")
		}
		if _, ok := adaptive.Aggregation(sdkmetric.InstrumentKindCounter).(sdkmetric.AggregationSum); !ok {
			t.Error("counters are not sums")
		}
	})
}

// TestShutdownClosesTheConnection that OpenTelemetry's exporter would keep.
func TestShutdownClosesTheConnection(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	server := httptest.NewUnstartedServer(&receiver{})
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			close(closed)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	e := newTestExporter(t, WithEndpoint(server.URL))
	if err := errors.Join(export(t, e), e.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Error("the connection is still open")
	}
}
