package slisdk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A roundLog keeps the rounds that an observer is told of.
type roundLog struct {
	mu  sync.Mutex
	all []Round
}

func (l *roundLog) observe(r Round) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, r)
}

func (l *roundLog) take() []Round {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// ignoring takes its time, whatever the context says.
func ignoring(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return nil }
}

var ignoreErrors = cmpopts.IgnoreFields(Round{}, "Err", "CollectErr")

var (
	errWarning  = errors.New("OTLP partial success: use another unit (0 metric data points rejected)")
	errRejected = errors.New("OTLP partial success: empty message (2 metric data points rejected)")
)

// TestObserverIsToldOfEveryRound takes each act of an exporter through one interval.
func TestObserverIsToldOfEveryRound(t *testing.T) {
	t.Parallel()
	const series = 3 * (3 + 3)  // combinations and counters of both kinds
	const slis = series + 4 + 2 // objectives and their windows, undeclared events
	for name, test := range map[string]struct {
		act  func(context.Context) error
		want Round
		err  string
	}{
		"delivered": {nil, Round{Result: Delivered}, ""},
		"warning":   {func(context.Context) error { return errWarning }, Round{Result: Delivered}, "another unit"},
		"partial":   {func(context.Context) error { return errRejected }, Round{Result: Partial, Rejected: 2}, "2 metric data points"},
		"failed":    {func(context.Context) error { return errors.New("503") }, Round{Result: Failed, Lost: 1}, "503"},
		"slow":      {sleep(2 * time.Second), Round{Result: Delivered, Export: 2 * time.Second}, ""},
		"timeout": {
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			Round{Result: TimedOut, Lost: 1, Export: 9 * time.Second},
			"deadline exceeded",
		},
		"hung": {ignoring(11 * time.Second), Round{Result: TimedOut, Lost: 1, Export: 10 * time.Second}, "is abandoned"},
		"panics": {
			func(context.Context) error { panic("bug") },
			Round{Result: Failed, Lost: 1},
			"panicked: bug",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := otelsli.NewCatalog()
				newSLI(t, c, "order")
				e := newDelta()
				e.setAct(test.act)
				var log roundLog
				p := newPipeline(t, c, e, WithTimeout(10*time.Second), WithObserver(log.observe), WithErrorHandler(func(error) {}))
				mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()))
				requests, err := mp.Meter("app").Int64Counter("requests")
				if err != nil {
					t.Fatal(err)
				}
				requests.Add(t.Context(), 1) // the one delta that the SDK does not hand over again
				p.Start()
				time.Sleep(30 * time.Second)
				synctest.Wait()
				test.want.Points = slis + 1
				defer func() { _ = p.Shutdown(context.Background()) }()
				got := log.take()
				if diff := cmp.Diff([]Round{test.want}, got, ignoreErrors); diff != "" {
					t.Fatalf("rounds (-want +got):\n%s", diff)
				}
				if err := got[0].Err; (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
				e.setAct(nil)
				shutdown(t, p)
				want := []Round{{Trigger: ByShutdown, Result: Delivered, Points: slis}}
				if diff := cmp.Diff(want, log.take(), ignoreErrors); diff != "" {
					t.Errorf("the last round (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestWarningIsNoErrorOfWhoFlushes, for everything has arrived: main must not exit with 1 for it.
func TestWarningIsNoErrorOfWhoFlushes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{}
		var log roundLog
		var handled []error
		p := newPipeline(t, otelsli.NewCatalog(), e, WithObserver(log.observe),
			WithErrorHandler(func(err error) { handled = append(handled, err) }))
		e.setAct(func(context.Context) error { return errWarning })
		p.Start()
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if err := p.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
		shutdown(t, p)
		for _, r := range log.take() {
			if r.Result != Delivered || !errors.Is(r.Err, errWarning) {
				t.Errorf("the observer was told %v, %v by trigger %d", r.Result, r.Err, r.Trigger)
			}
		}
		if len(handled) == 0 || !errors.Is(handled[0], errWarning) {
			t.Errorf("the handler got %v", handled)
		}
		e.setAct(func(context.Context) error { return errRejected })
		p = newPipeline(t, otelsli.NewCatalog(), e)
		wantError(t, p.Flush(t.Context()), "2 metric data points")
		wantError(t, p.Shutdown(t.Context()), "2 metric data points")
	})
}

// TestBusyExporterIsNamed wants what waits for an export that never returns to be skipped.
func TestBusyExporterIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{}
		e.setAct(ignoring(95 * time.Second))
		var log roundLog
		p := newPipeline(t, otelsli.NewCatalog(), e, WithObserver(log.observe), WithErrorHandler(func(error) {}))
		p.Start()
		time.Sleep(91 * time.Second)
		synctest.Wait()
		var got []Result
		var last error
		for _, r := range log.take() {
			got, last = append(got, r.Result), r.Err
		}
		if diff := cmp.Diff([]Result{TimedOut, Skipped}, got); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		wantError(t, last, "an export before it has not returned (exporter *slisdk.exporterFake)")
		e.setAct(nil)
		shutdown(t, p)
	})
}

// TestObserverIsToldOfCollections that fail or take their time, whatever becomes of the export.
func TestObserverIsToldOfCollections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		newSLI(t, c, "order")
		var log roundLog
		p := newPipeline(t, c, &exporterFake{}, WithObserver(log.observe), WithErrorHandler(func(error) {}),
			WithProducer(producerFunc(func(context.Context) ([]metricdata.ScopeMetrics, error) {
				time.Sleep(3 * time.Second)
				return nil, errors.New("no cluster")
			})))
		if err := p.Flush(t.Context()); err == nil {
			t.Error("Flush told nothing of the collection")
		}
		got := log.take()
		if len(got) != 1 || got[0].Trigger != ByFlush || got[0].Result != Delivered || got[0].Collection != 3*time.Second {
			t.Fatalf("rounds %+v", got)
		}
		wantError(t, got[0].CollectErr, "no cluster")
		wantError(t, p.Shutdown(t.Context()), "no cluster")
	})
}

func TestObserverIsToldWhatCutARoundShort(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, cut := range map[string]func(t *testing.T, p *Pipeline){
		"the caller of Flush": func(t *testing.T, p *Pipeline) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			wantError(t, p.Flush(ctx), "canceled")
		},
		"Shutdown": func(t *testing.T, p *Pipeline) {
			p.Start()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			wantError(t, p.Shutdown(ctx), "deadline exceeded")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log roundLog
				p := newPipeline(t, otelsli.NewCatalog(), &exporterFake{act: hang}, WithObserver(log.observe))
				cut(t, p)
				synctest.Wait()
				got := log.take()
				if len(got) == 0 || got[0].Result != Canceled {
					t.Errorf("rounds %+v, want the first one canceled", got)
				}
				_ = p.Shutdown(t.Context())
			})
		})
	}
}

// TestFlushAfterShutdownIsNoRound, for nothing was to be exported.
func TestFlushAfterShutdownIsNoRound(t *testing.T) {
	t.Parallel()
	var log roundLog
	p := newPipeline(t, otelsli.NewCatalog(), &exporterFake{}, WithObserver(log.observe))
	shutdown(t, p)
	if err := p.Flush(t.Context()); !errors.Is(err, ErrShutdown) {
		t.Errorf("Flush returned %v", err)
	}
	if got := log.take(); len(got) != 0 {
		t.Errorf("rounds %+v", got)
	}
}

//nolint:paralleltest // it sets the global error handler
func TestObserverThatPanicsCostsNothing(t *testing.T) {
	before := otel.GetErrorHandler()
	defer otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { before.Handle(err) }))
	var log errorLog
	otel.SetErrorHandler(otel.ErrorHandlerFunc(log.handle))
	e := &exporterFake{}
	p := newPipeline(t, otelsli.NewCatalog(), e, WithObserver(func(Round) { panic("bug") }))
	flush(t, p)
	shutdown(t, p)
	if len(e.arrived()) != 2 {
		t.Errorf("%d exports", len(e.arrived()))
	}
	wantError(t, log.err(), `pipeline "test": observer: panicked: bug`)
}

func TestObserverThatHangsCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, hang := &exporterFake{}, make(chan struct{})
		defer close(hang) // also where the test fails, which would look like a deadlock otherwise
		p := newPipeline(t, otelsli.NewCatalog(), e, WithObserver(func(Round) { <-hang }))
		p.Start()
		time.Sleep(10*time.Minute + time.Second)
		began := time.Now()
		shutdown(t, p)
		if took := time.Since(began); len(e.arrived()) != 12 || took > 300*time.Millisecond {
			t.Errorf("%d exports, shutdown took %v", len(e.arrived()), took)
		}
	})
}

func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err      error
		rejected int64
		want     bool
	}{
		{nil, 0, false},
		{errRejected, 2, true},
		{errWarning, 0, true},
		{errors.Join(errors.New("a"), errRejected, errRejected), 4, true},
		{fmt.Errorf("upload: %w", errRejected), 2, true},
		{errors.New("OTLP partial success: in words of tomorrow"), 0, true},
		{errors.New("OTLP partial success: (7 of them rejected) and more (3 spans rejected)"), 3, true},
		{errors.New("OTLP partial success: more than fits (99999999999999999999 metric data points rejected)"), 1<<63 - 1, true},
		{errors.New("the server said: OTLP partial success: none (3 spans rejected)"), 0, false},
	} {
		if rejected, got := partialSuccess(test.err); got != test.want || rejected != test.rejected {
			t.Errorf("%v: %d, %v", test.err, rejected, got)
		}
	}
}

func TestResultsHaveNames(t *testing.T) {
	t.Parallel()
	for r := range Result(Results) {
		if r.String() == "" {
			t.Errorf("result %d has no name", r)
		}
	}
	if got := Result(Results).String(); got != "Result(6)" {
		t.Errorf("unknown result %q", got)
	}
}

// TestCountKnowsEveryAggregation of the SDK.
func TestCountKnowsEveryAggregation(t *testing.T) {
	t.Parallel()
	const delta = metricdata.DeltaTemporality
	var metrics []metricdata.Metrics
	for _, data := range []metricdata.Aggregation{
		metricdata.Sum[int64]{Temporality: delta, DataPoints: make([]metricdata.DataPoint[int64], 1)},
		metricdata.Sum[float64]{Temporality: delta, DataPoints: make([]metricdata.DataPoint[float64], 1)},
		metricdata.Histogram[int64]{Temporality: delta, DataPoints: make([]metricdata.HistogramDataPoint[int64], 1)},
		metricdata.Histogram[float64]{Temporality: delta, DataPoints: make([]metricdata.HistogramDataPoint[float64], 1)},
		metricdata.ExponentialHistogram[int64]{Temporality: delta, DataPoints: make([]metricdata.ExponentialHistogramDataPoint[int64], 1)},
		metricdata.ExponentialHistogram[float64]{Temporality: delta, DataPoints: make([]metricdata.ExponentialHistogramDataPoint[float64], 1)},
		metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality, DataPoints: make([]metricdata.DataPoint[int64], 1)},
		metricdata.Gauge[int64]{DataPoints: make([]metricdata.DataPoint[int64], 1)},
		metricdata.Gauge[float64]{DataPoints: make([]metricdata.DataPoint[float64], 1)},
		metricdata.Summary{DataPoints: make([]metricdata.SummaryDataPoint, 1)},
		nil,
	} {
		metrics = append(metrics, metricdata.Metrics{Data: data})
	}
	points, deltas := count([]metricdata.ScopeMetrics{{Metrics: metrics[:5]}, {Metrics: metrics[5:]}})
	if points != 10 || deltas != 6 {
		t.Errorf("%d points, %d deltas, want 10 and 6", points, deltas)
	}
}
