package sliprom

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// register returns a registry with one counter family of the name, of value 7.
func register(t testing.TB, names ...string) *prometheus.Registry {
	t.Helper()
	r := prometheus.NewRegistry()
	for _, name := range names {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "Seven."})
		c.Add(7)
		if err := r.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// panicking is a collector that panics, in a goroutine of its registry.
type panicking struct{}

func (panicking) Describe(chan<- *prometheus.Desc) {}
func (panicking) Collect(chan<- prometheus.Metric) { panic("collector is broken") }

// partial delivers something and an error.
func partial() ([]*dto.MetricFamily, error) {
	return []*dto.MetricFamily{counterFamily("partial_total", counterOf(3))}, errors.New("and that was all")
}

func counterFamily(name string, metrics ...*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: new("Help."), Type: dto.MetricType_COUNTER.Enum(), Metric: metrics}
}

func counterOf(value float64, labels ...string) *dto.Metric {
	m := &dto.Metric{Counter: &dto.Counter{Value: &value}}
	for i := 0; i < len(labels); i += 2 {
		m.Label = append(m.Label, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
	}
	return m
}

func problemCount(kind problemKind) string {
	return problemsName + `{kind="` + kindNames[kind] + `"}`
}

func TestSiblingsCostTheSLIsNothing(t *testing.T) {
	t.Parallel()
	broken := prometheus.NewRegistry()
	broken.MustRegister(panicking{}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "beside_the_broken_one"}, func() float64 { return 1 }))
	for _, test := range []struct {
		name    string
		sibling prometheus.Gatherer
		kind    problemKind
		want    samples
		logged  string
	}{
		{
			"error with a part", prometheus.GathererFunc(partial),
			gatherFailed,
			samples{"partial_total{}": 3},
			"and that was all",
		}, {
			"error with nothing", prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("nothing at all") }),
			gatherFailed, nil, "nothing at all",
		}, {
			"panic", prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { panic("gatherer is broken") }),
			gatherPanicked, nil, "gatherer is broken",
		}, {
			"panic in a goroutine of the registry", broken,
			gatherFailed,
			samples{"beside_the_broken_one{}": 1},
			"collector is broken",
		}, {
			"name of an SLI", register(t, "sli_pay_total", "fine_total"),
			duplicateFamily,
			samples{"fine_total{}": 7},
			"sli_pay_total",
		}, {
			"name of an earlier sibling", register(t, "first_total"),
			duplicateFamily,
			samples{"first_total{}": 7},
			"first_total",
		}, {
			"name of an SLI once it is escaped", prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
				return []*dto.MetricFamily{counterFamily("sli.pay.total", counterOf(1))}, nil
			}),
			duplicateFamily, nil, "sli.pay.total",
		}, {
			"name of the problems", register(t, problemsName),
			duplicateFamily, nil, problemsName,
		}, {
			"twice the same name", prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
				return []*dto.MetricFamily{counterFamily("twice_total", counterOf(1)), counterFamily("twice_total", counterOf(2))}, nil
			}),
			duplicateFamily,
			samples{"twice_total{}": 1},
			"twice_total",
		}, {
			"invalid", prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
				return []*dto.MetricFamily{counterFamily("bad_total", counterOf(1, "a", "\xff")), counterFamily("good_total", counterOf(2))}, nil
			}),
			invalidFamily,
			samples{"good_total{}": 2},
			"not valid UTF-8",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			s := newShop(t)
			e := open(t, s.catalog, WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
				WithGatherers(register(t, "first_total")), WithGatherers(test.sibling, register(t, "last_total")))
			s.sell(t)
			for i := range 3 {
				got := scraped(t, e.Handler())
				got.want(t, samples{goldTotal: 10, payTotal: 10, "first_total{}": 7, "last_total{}": 7, problemCount(test.kind): float64(i + 1)})
				got.want(t, test.want)
			}
			if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), test.logged) {
				t.Errorf("logged, want one line with %q:\n%s", test.logged, &log)
			}
		})
	}
}

func TestLogIsThrottledByKind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := &problems{logger: slog.New(slog.NewTextHandler(&log, nil))}
		for range 90 {
			p.report(gatherFailed, "a", "", errors.New("one"))
			time.Sleep(time.Second)
		}
		p.report(gatherPanicked, "b", "", errors.New(strings.Repeat("x", 70_000)))
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines, want 3:\n%.5000s", len(lines), &log)
		}
		if !strings.Contains(lines[1], "suppressed=59") {
			t.Errorf("second line: %s", lines[1])
		}
		if len(lines[2]) > 1000 {
			t.Errorf("a line of %d bytes", len(lines[2]))
		}
	})
}

// hanging gathers when it is let go, once for each value.
type hanging struct {
	letGo   chan struct{}
	running atomic.Int32
	most    atomic.Int32
}

func (h *hanging) Gather() ([]*dto.MetricFamily, error) {
	h.most.Store(max(h.most.Load(), h.running.Add(1)))
	defer h.running.Add(-1)
	<-h.letGo
	return []*dto.MetricFamily{counterFamily("hanging_total", counterOf(1))}, nil
}

func TestHangingSibling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		h := &hanging{letGo: make(chan struct{})}
		e := open(t, s.catalog, WithGatherers(h, register(t, "last_total")), WithSiblingTimeout(2*time.Second))
		s.sell(t)
		begin := time.Now()
		for i := range 100 {
			got := scraped(t, e.Handler())
			got.want(t, samples{goldTotal: 10, "last_total{}": 7, problemCount(gatherTimeout): float64(i + 1)})
			got.lack(t, "hanging_total")
		}
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("100 scrapes took %v: want the first alone to wait, 2s", took)
		}
		if n := h.most.Load(); n != 1 {
			t.Errorf("%d calls pile up", n)
		}
		h.letGo <- struct{}{}
		synctest.Wait()
		time.AfterFunc(time.Second, func() { h.letGo <- struct{}{} })
		scraped(t, e.Handler()).want(t, samples{goldTotal: 10, "hanging_total{}": 1})
	})
}

func TestAScraperInAHurryDoesNotWaitForSiblings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		h := &hanging{letGo: make(chan struct{})}
		e := open(t, s.catalog, WithGatherers(h))
		for _, test := range []struct {
			header string
			want   time.Duration
		}{{"4", 2 * time.Second}, {"0.000001", 50 * time.Millisecond}, {"100", 5 * time.Second}, {"NaN", 5 * time.Second}, {"-1", 5 * time.Second}} {
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.Header.Set(scrapeTimeoutHeader, test.header)
			begin := time.Now()
			e.Handler().ServeHTTP(httptest.NewRecorder(), r)
			if took := time.Since(begin); took != test.want {
				t.Errorf("timeout %s: took %v, want %v", test.header, took, test.want)
			}
			h.letGo <- struct{}{}
			synctest.Wait()
		}
	})
}

func TestConcurrentScrapesShareAFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		h := &hanging{letGo: make(chan struct{})}
		e := open(t, s.catalog, WithGatherers(h))
		results := make(chan samples)
		for range 5 {
			go func() { results <- scraped(t, e.Handler()) }()
		}
		synctest.Wait()
		h.letGo <- struct{}{}
		for range 5 {
			(<-results).want(t, samples{"hanging_total{}": 1, goldTotal: 0})
		}
		if n := h.most.Load(); n != 1 {
			t.Errorf("%d calls at once", n)
		}
	})
}

// A flight that ends late does not end the one that has taken its place.
// A flight that has ended is nobody's any more: who comes then wants what is true then.
func TestFlightThatHasEndedIsNotShared(t *testing.T) {
	t.Parallel()
	s := &sibling{gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, nil })}
	for i := range 100_000 {
		f := s.take()
		<-f.done
		if s.take() == f {
			t.Fatalf("flight %d is shared after its end", i)
		}
	}
}

func TestRenewedFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gates := make(chan chan struct{})
		s := &sibling{gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			gate := make(chan struct{})
			gates <- gate
			<-gate
			return nil, nil
		})}
		s.take()
		firstGate := <-gates
		s.renew()
		second := s.take()
		secondGate := <-gates
		close(firstGate)
		synctest.Wait()
		if s.take() != second {
			t.Error("another flight is taken while the second is under way")
		}
		close(secondGate)
	})
}

// The metrics of the application's own OpenTelemetry instruments are served as the OpenTelemetry
// exporter does it, whatever some of them do.
func TestReader(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog, WithOTelOptions(otelprom.WithoutScopeInfo()))
	reader := e.Reader()
	if e.siblings[0].take() != nil {
		t.Error("the reader is asked before a MeterProvider has it")
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	meter := provider.Meter("shop")
	orders, _ := meter.Int64Counter("orders", metric.WithUnit("{order}"))
	orders.Add(t.Context(), 3)
	seconds, _ := meter.Float64Histogram("work.duration", metric.WithUnit("s"))
	seconds.Record(t.Context(), 0.2)
	dotted, _ := meter.Int64Gauge("same.name")
	dotted.Record(t.Context(), 1)
	underscored, _ := meter.Int64Gauge("same_name")
	underscored.Record(t.Context(), 2)
	if _, err := meter.Int64ObservableGauge("failing", metric.WithInt64Callback(
		func(context.Context, metric.Int64Observer) error { return errors.New("callback failed") })); err != nil {
		t.Fatal(err)
	}
	s.sell(t)

	got := scraped(t, e.Handler())
	got.want(t, samples{goldTotal: 10, "orders_total{}": 3, problemCount(gatherFailed): 1})
	if len(got.only("work_duration_seconds")) == 0 || len(got.only("target_info")) == 0 || len(got.only("same_name")) != 1 {
		t.Errorf("scraped %v", got)
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = scraped(t, e.Handler())
	got.want(t, samples{goldTotal: 10})
	got.lack(t, "orders")
}

func TestPanickingAndHangingCallback(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog, WithSiblingTimeout(500*time.Millisecond))
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(e.Reader())).Meter("shop")
	var mode atomic.Int32
	hang := make(chan struct{})
	if _, err := meter.Int64ObservableGauge("moody", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		switch mode.Load() {
		case 1:
			panic("callback panicked")
		case 2:
			<-hang
		}
		o.Observe(5)
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	s.sell(t)
	isThere := func(want bool) {
		t.Helper()
		got := scraped(t, e.Handler())
		got.want(t, samples{goldTotal: 10})
		if there := len(got.only("moody")) > 0; there != want {
			t.Errorf("mode %d: present %t, want %t", mode.Load(), there, want)
		}
	}
	isThere(true)
	mode.Store(1)
	isThere(false)
	mode.Store(2)
	isThere(false)
	isThere(false)
	mode.Store(0)
	close(hang)
	e.siblings[0].take().wait(time.Minute) // the flight that hung
	isThere(true)
}
