package slisdk

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A shop is an application with a counter, and a gauge whose callback does what a test wants.
type shop struct {
	exporter *exporterFake
	pipeline *Pipeline
	sli      *otelsli.SLI[labels]
	requests metric.Int64Counter
	callback atomic.Pointer[func(context.Context) error]
}

func newShop(t *testing.T, temporality metricdata.Temporality, options ...Option) *shop {
	t.Helper()
	c := otelsli.NewCatalog()
	s := &shop{exporter: &exporterFake{temporality: temporality}, sli: newSLI(t, c, "order")}
	s.pipeline = newPipeline(t, c, s.exporter, options...)
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.pipeline.Reader())).Meter("app")
	var err error
	s.requests, err = meter.Int64Counter("requests")
	if err != nil {
		t.Fatal(err)
	}
	_, err = meter.Int64ObservableGauge("depth", metric.WithInt64Callback(func(ctx context.Context, o metric.Int64Observer) error {
		o.Observe(1)
		if f := s.callback.Load(); f != nil {
			return (*f)(ctx)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// setCallback replaces the callback; nil is one that succeeds.
func (s *shop) setCallback(f func(context.Context) error) {
	if f == nil {
		f = func(context.Context) error { return nil }
	}
	s.callback.Store(&f)
}

// event records one of everything.
func (s *shop) event() {
	s.requests.Add(context.Background(), 1)
	s.sli.Record(context.Background(), labels{"web", "gold"}, otelsli.Success)
}

func (s *shop) last(t *testing.T) collected {
	t.Helper()
	all := s.exporter.arrived()
	if len(all) == 0 {
		t.Fatal("nothing was exported")
	}
	return all[len(all)-1]
}

func TestFailingCallbackCostsTheSLIsNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		callback func(context.Context) error
		text     string
		requests bool // the application's other metrics are exported
	}{
		"error": {func(context.Context) error { return errors.New("no database") }, "no database", true},
		"panic": {func(context.Context) error { panic("nil map") }, "panicked: nil map", false},
		"exit":  {func(context.Context) error { runtime.Goexit(); return nil }, "ended its goroutine", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, metricdata.DeltaTemporality)
			flush(t, s.pipeline)
			s.setCallback(test.callback)
			for range 2 {
				s.event()
				wantError(t, s.pipeline.Flush(t.Context()), `pipeline "test": collect the application's metrics: `, test.text)
				if got := s.last(t).values[webGold]; got != 1 {
					t.Errorf("the SLI is %v, want 1", got)
				}
				if _, ok := s.last(t).values["requests{}"]; ok != test.requests {
					t.Errorf("requests exported: %v, want %v", ok, test.requests)
				}
			}
			s.event()
			wantError(t, s.pipeline.Shutdown(t.Context()), test.text)
			if got := s.last(t).values[webGold]; got != 1 {
				t.Errorf("the SLI in the last export is %v, want 1", got)
			}
		})
	}
}

// TestVanishedCallbackSendsNothingTwice looks at what producers gave the collection before.
func TestVanishedCallbackSendsNothingTwice(t *testing.T) {
	t.Parallel()
	produced := producerFunc(func(context.Context) ([]metricdata.ScopeMetrics, error) {
		return []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "bridged", Data: metricdata.Sum[int64]{
			Temporality: metricdata.DeltaTemporality, DataPoints: []metricdata.DataPoint[int64]{{Value: 1}},
		}}}}}, nil
	})
	s := newShop(t, metricdata.DeltaTemporality, WithProducer(produced))
	flush(t, s.pipeline)
	s.setCallback(func(context.Context) error { runtime.Goexit(); return nil })
	_ = s.pipeline.Flush(t.Context())
	if got := s.exporter.sum("bridged"); got != 1 {
		t.Errorf("the producer was asked once for 1 and %v was exported", got)
	}
}

// TestPanickingCallbackLosesNoDelta goes on after the panic.
func TestPanickingCallbackLosesNoDelta(t *testing.T) {
	t.Parallel()
	s := newShop(t, metricdata.DeltaTemporality)
	s.event()
	flush(t, s.pipeline)
	s.setCallback(func(context.Context) error { panic("once") })
	s.event()
	_ = s.pipeline.Flush(t.Context())
	s.setCallback(nil)
	s.event()
	flush(t, s.pipeline)
	if got := s.exporter.sum("requests"); got != 3 {
		t.Errorf("the deltas of the application add up to %v, want 3", got)
	}
}

func TestHungCallbackCostsTheSLIsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, metricdata.DeltaTemporality, WithTimeout(10*time.Second))
		var calls atomic.Int32
		release := make(chan struct{})
		s.setCallback(func(context.Context) error { calls.Add(1); <-release; return nil })
		s.event()
		began := time.Now()
		for range 3 {
			wantError(t, s.pipeline.Flush(t.Context()), "collect the application's metrics: has not returned")
		}
		if took := time.Since(began); took != 5*time.Second || calls.Load() != 1 {
			t.Errorf("3 rounds took %v, want 5 s for the first and nothing for the others; %d calls", took, calls.Load())
		}
		if got := s.exporter.sum("sli.order.total"); got != 1 || len(s.exporter.arrived()) != 3 {
			t.Errorf("the SLI adds up to %v in %d exports, want 1 in 3", got, len(s.exporter.arrived()))
		}

		s.setCallback(nil)
		close(release)
		synctest.Wait()
		s.event()
		flush(t, s.pipeline)
		if got := s.exporter.sum("requests"); got != 2 {
			t.Errorf("the deltas of the application add up to %v, want 2: one of the collection that hung", got)
		}
		shutdown(t, s.pipeline)
	})
}

// TestSlowCallbackHeedsItsContext gets its own error, not that of one that hangs.
func TestSlowCallbackHeedsItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, metricdata.CumulativeTemporality)
		s.setCallback(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(20 * time.Millisecond)
			return errors.New("gave up")
		})
		s.event()
		err := s.pipeline.Flush(t.Context())
		wantError(t, err, "gave up")
		if errors.Is(err, errHung) || s.last(t).values["requests{}"] != 1 {
			t.Errorf("error %v, exported %v", err, s.last(t).values)
		}
	})
}

func TestFailingProducerCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	half := func(context.Context) ([]metricdata.ScopeMetrics, error) {
		return []metricdata.ScopeMetrics{gaugeScope("half", 1)}, errors.New("the other half is missing")
	}
	breaks := func(context.Context) ([]metricdata.ScopeMetrics, error) { panic("broken") }
	s := newShop(t, metricdata.CumulativeTemporality, WithProducer(producerFunc(half)), WithProducer(producerFunc(breaks)))
	s.event()
	wantError(t, s.pipeline.Flush(t.Context()), "the other half is missing", "panicked: broken")
	for _, series := range []string{webGold, "requests{}", "depth{}", "half{}"} {
		if got := s.last(t).values[series]; got != 1 {
			t.Errorf("%s is %v, want 1", series, got)
		}
	}
}

// TestResourceOutlivesAFailure wants the series of one process to keep their identity.
func TestResourceOutlivesAFailure(t *testing.T) {
	t.Parallel()
	s := newShop(t, metricdata.CumulativeTemporality)
	flush(t, s.pipeline)
	known := s.last(t).resource
	if known.Len() == 0 {
		t.Fatal("the MeterProvider has no resource")
	}
	s.setCallback(func(context.Context) error { panic("no") })
	_ = s.pipeline.Flush(t.Context())
	if got := s.last(t).resource; !got.Equal(known) {
		t.Errorf("resource %v, want %v", got, known)
	}
}

// TestCollectionCutShortIsNotLost cancels a flush while the application is being collected: what
// the SDK has handed out as deltas goes out later.
func TestCollectionCutShortIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, metricdata.DeltaTemporality)
		s.exporter.setAct(func(ctx context.Context) error { return ctx.Err() })
		ctx, cancel := context.WithCancel(t.Context())
		s.setCallback(func(context.Context) error { cancel(); return nil })
		s.event()
		if err := s.pipeline.Flush(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Flush returned %v", err)
		}
		synctest.Wait()
		s.event()
		flush(t, s.pipeline)
		if got := s.exporter.sum("requests"); got != 2 {
			t.Errorf("the deltas of the application add up to %v, want 2", got)
		}
	})
}

// TestCollectionWithoutExportIsNotLost ends the context just between the two.
func TestCollectionWithoutExportIsNotLost(t *testing.T) {
	t.Parallel()
	s := newShop(t, metricdata.DeltaTemporality)
	s.event()
	if err := s.pipeline.round(&endsSoon{Context: t.Context()}, ByFlush); !errors.Is(err, context.Canceled) {
		t.Errorf("round returned %v", err)
	}
	if n := len(s.exporter.tried()); n != 0 {
		t.Errorf("%d exports", n)
	}
	s.event()
	flush(t, s.pipeline)
	if got := s.exporter.sum("requests"); got != 2 {
		t.Errorf("the deltas of the application add up to %v, want 2", got)
	}
}

// endsSoon is a context that has ended when it is looked at for the second time.
type endsSoon struct {
	context.Context
	looks int
}

func (c *endsSoon) Done() <-chan struct{} { return nil }

func (c *endsSoon) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}
