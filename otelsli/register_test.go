package otelsli_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// newProvider is a MeterProvider of an application, with a reader for tests.
func newProvider(options ...sdkmetric.Option) (*sdkmetric.MeterProvider, *sdkmetric.ManualReader) {
	reader := sdkmetric.NewManualReader()
	return sdkmetric.NewMeterProvider(append(options, sdkmetric.WithReader(reader))...), reader
}

// registered registers c until the end of the test.
func registered(t *testing.T, c *otelsli.Catalog, mp metric.MeterProvider, options ...otelsli.RegisterOption) metric.Registration {
	t.Helper()
	r, err := c.Register(mp, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Unregister(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// exported reads what a MeterProvider exports of SLIs: counters as collected does, and gauges.
func exported(t testing.TB, reader sdkmetric.Reader) (counters map[string]int64, gauges map[string]float64) {
	t.Helper()
	counters, gauges = make(map[string]int64), make(map[string]float64)
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &rm); err != nil {
		t.Error(err)
	}
	for _, scope := range rm.ScopeMetrics {
		if scope.Scope.Name != otelsli.ScopeName {
			continue
		}
		if scope.Scope.Version != otelsli.Version {
			t.Errorf("version of the scope: %q", scope.Scope.Version)
		}
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				if !data.IsMonotonic || m.Unit != otelsli.UnitEvent || m.Description == "" {
					t.Errorf("%s: monotonic %v, unit %q, description %q", m.Name, data.IsMonotonic, m.Unit, m.Description)
				}
				for _, p := range data.DataPoints {
					addOnce(t, counters, seriesKey(m.Name, p.Attributes), p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					addOnce(t, gauges, seriesKey(m.Name, p.Attributes)+" "+m.Unit, p.Value)
				}
			default:
				t.Errorf("%s is a %T", m.Name, data)
			}
		}
	}
	return counters, gauges
}

func addOnce[V any](t testing.TB, values map[string]V, key string, v V) {
	t.Helper()
	if _, twice := values[key]; twice {
		t.Errorf("%s was exported twice", key)
	}
	if strings.Contains(key, "otel.metric.overflow") {
		t.Errorf("the SDK has folded series: %s", key)
	}
	values[key] = v
}

func TestRegister(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			t.Parallel()
			c := quiet()
			if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
				t.Fatal(err)
			}
			s := declare(t, c, checkout(), []pair{webGold, webFree})
			declare[struct{}](t, c, otelsli.Spec{Name: "backup"}, nil)
			record(t, s, webGold) // before the provider exists
			mp, reader := newProvider()
			registered(t, c, mp)

			got, gauges := exported(t, reader)
			if diff := cmp.Diff(collected(t, c), got); diff != "" {
				t.Errorf("Collect and the MeterProvider differ (-Collect +MeterProvider)\n%s", diff)
			}
			wantGauges := map[string]float64{
				"sli.objective.ratio{sli=checkout,slo=availability} 1":          0.999,
				"sli.objective.ratio{sli=checkout,slo=apdex} 1":                 0.99,
				"sli.objective.window.seconds{sli=checkout,slo=availability} s": 2592000,
				"sli.objective.window.seconds{sli=checkout,slo=apdex} s":        2592000,
			}
			if diff := cmp.Diff(wantGauges, gauges); diff != "" {
				t.Errorf("objectives (-want +got)\n%s", diff)
			}

			// What is declared later follows: series, undeclared ones, SLIs.
			if err := s.Declare(appGold); err != nil {
				t.Fatal(err)
			}
			record(t, s, pair{"never", "declared"})
			later := otelsli.Spec{Name: "later", Objective: otelsli.Objective{Availability: 0.9}}
			declare(t, c, later, []pair{webGold})
			got, gauges = exported(t, reader)
			if diff := cmp.Diff(collected(t, c), got); diff != "" {
				t.Errorf("after later declarations (-Collect +MeterProvider)\n%s", diff)
			}
			if len(gauges) != len(wantGauges)+2 {
				t.Errorf("objectives after later declarations: %v", gauges)
			}
		})
	}
}

func TestRegisterTwoReaders(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	delta := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(
		func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.DeltaTemporality }))
	mp, cumulative := newProvider(sdkmetric.WithReader(delta))
	registered(t, c, mp)
	const key = "sli.checkout.error.total{channel=web,tier=gold}"
	for i := range int64(3) {
		s.Record(t.Context(), webGold, otelsli.Failed)
		fromDelta, _ := exported(t, delta)
		fromCumulative, _ := exported(t, cumulative)
		if fromDelta[key] != 1 || fromCumulative[key] != i+1 {
			t.Errorf("collection %d: delta %d, cumulative %d", i, fromDelta[key], fromCumulative[key])
		}
	}
}

func TestUnregister(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	mp, reader := newProvider(sdkmetric.WithCardinalityLimit(4))
	r := registered(t, c, mp, otelsli.WithCardinalityLimit(4))
	if _, err := c.Register(mp); !errors.Is(err, otelsli.ErrClaimed) || !strings.Contains(err.Error(), "Register") {
		t.Errorf("second Register: %v, want ErrClaimed", err)
	}
	for range 2 {
		if err := r.Unregister(); err != nil {
			t.Error(err)
		}
	}
	if got, _ := exported(t, reader); len(got) != 0 {
		t.Errorf("exported after Unregister: %v", got)
	}
	if err := s.Declare(webFree, appGold, pair{"x", "y"}, pair{"z", "y"}); err != nil {
		t.Errorf("the limit of the provider holds after Unregister: %v", err)
	}
	declare(t, c, otelsli.Spec{Name: "later"}, []pair{webGold})
	mp, reader = newProvider()
	registered(t, c, mp, nil)
	if got, _ := exported(t, reader); len(got) != 5*6+3+4 {
		t.Errorf("%d counters after registering again: %v", len(got), got)
	}
}

// What overflowed because of a MeterProvider does so no longer once that is gone.
func TestUnregisterEndsTheOverflow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		limit int // of undeclared combinations
		kept  bool
	}{
		"by the MeterProvider": {limit: 100, kept: true},
		"by the limit too":     {limit: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log := logged(t)
			s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(tt.limit))
			mp, _ := newProvider(sdkmetric.WithCardinalityLimit(4))
			r := registered(t, c, mp, otelsli.WithCardinalityLimit(4)) // one more, and the overflow series
			for i := range 3 {
				s.Record(t.Context(), pair{"registered", fmt.Sprint(i)}, otelsli.Failed)
			}
			if _, ok := s.Lookup(pair{"registered", "2"}); ok {
				t.Error("a combination more than the MeterProvider takes has a series")
			}
			if err := r.Unregister(); err != nil {
				t.Error(err)
			}
			later := pair{"later", "gold"}
			s.Record(t.Context(), later, otelsli.Failed)
			if _, ok := s.Lookup(later); ok != tt.kept {
				t.Errorf("after Unregister: has a series of its own: %t, want %t", ok, tt.kept)
			}
			if got := log.with("are folded"); len(got) != 1 {
				t.Errorf("%d lines of the log say that folding starts, want 1: %q", len(got), got)
			}
		})
	}
}

func TestRegisterClaimed(t *testing.T) {
	t.Parallel()
	c := quiet()
	release, err := c.Claim("setup.Start")
	if err != nil {
		t.Fatal(err)
	}
	mp, _ := newProvider()
	if _, err := c.Register(mp); !errors.Is(err, otelsli.ErrClaimed) {
		t.Errorf("error %v, want ErrClaimed", err)
	}
	release()
	registered(t, c, mp)
	if _, err := c.Claim("setup.Start"); !errors.Is(err, otelsli.ErrClaimed) {
		t.Errorf("error %v, want ErrClaimed", err)
	}
}

func TestRegisterNil(t *testing.T) {
	t.Parallel()
	_, err := quiet().Register(nil)
	wantProblem(t, err, "Register", "a nil MeterProvider", "otel.GetMeterProvider()")
}

// brokenProvider makes no counters.
type brokenProvider struct{ noop.MeterProvider }

type brokenMeter struct{ noop.Meter }

func (brokenProvider) Meter(string, ...metric.MeterOption) metric.Meter { return brokenMeter{} }

func (brokenMeter) Int64ObservableCounter(string, ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	return nil, errBroken
}

func TestRegisterBrokenProvider(t *testing.T) {
	t.Parallel()
	c := quiet()
	declare(t, c, checkout(), []pair{webGold})
	r, err := c.Register(brokenProvider{})
	if r != nil || !errors.Is(err, errBroken) || !strings.Contains(err.Error(), `SLI "checkout": create instruments`) {
		t.Errorf("%v, %v", r, err)
	}
	mp, reader := newProvider()
	registered(t, c, mp) // nothing is left of the failed one
	if got, _ := exported(t, reader); len(got) != 6+2 {
		t.Errorf("exported %v", got)
	}
}

// TestRegisterManySeries: 5,000 declared combinations are never folded by the SDK.
func TestRegisterManySeries(t *testing.T) {
	t.Parallel()
	const n = 5_000
	mp, reader := newProvider() // of the default limit, 2000
	c := quiet()
	declare(t, c, checkout(), manyPairs(n))
	_, err := c.Register(mp)
	wantProblem(t, err, `SLI "checkout"`, "5001 series, the overflow series among them", "at most 1999, which an instrument of 2000 has room for")
	if got, _ := exported(t, reader); len(got) != 0 {
		t.Errorf("%d series are exported in spite of the error", len(got))
	}

	mp, reader = newProvider(sdkmetric.WithCardinalityLimit(6_000))
	registered(t, c, mp, otelsli.WithCardinalityLimit(6_000))
	if got, _ := exported(t, reader); len(got) != n*6+2 {
		t.Errorf("%d counters, want %d", len(got), n*6+2)
	}
}

// TestRegisterThenManySeries: the same limit holds for what is declared later, of which nothing is
// registered then.
func TestRegisterThenManySeries(t *testing.T) {
	t.Parallel()
	c := quiet()
	first := declare(t, c, otelsli.Spec{Name: "first"}, []pair{webGold})
	mp, reader := newProvider()
	registered(t, c, mp)

	if _, err := otelsli.New(checkout(), manyPairs(1_999), otelsli.WithCatalog(c)); err == nil {
		t.Error("no error for an SLI of 2000 series with the overflow series")
	}
	if n := len(c.Describe().SLIs); n != 1 {
		t.Errorf("%d SLIs, want only the first", n)
	}
	before := collected(t, c)
	err := first.Declare(manyPairs(1_998)...)
	wantProblem(t, err, `SLI "first": declared`, "1998 more series", "at most 1997, which the MeterProvider has room for")
	if diff := cmp.Diff(before, collected(t, c)); diff != "" {
		t.Errorf("the failed declaration changed\n%s", diff)
	}
	if err := first.Declare(append(manyPairs(1_997), manyPairs(1_997)...)...); err != nil {
		t.Errorf("1999 series with the overflow series, each given twice: %v", err)
	}
	for i := range 10 { // no room for strays: one series for all
		first.Record(t.Context(), pair{"never", fmt.Sprint(i)}, otelsli.Failed)
	}
	wantCounts(t, first, overflowPair, otelsli.Counts{otelsli.Failed: 10})
	got, _ := exported(t, reader)
	if diff := cmp.Diff(collected(t, c), got); diff != "" {
		t.Errorf("(-Collect +MeterProvider)\n%s", diff)
	}
}

// TestRegisterSharedBudget: in the layout Outcomes all SLIs fill one instrument.
func TestRegisterSharedBudget(t *testing.T) {
	t.Parallel()
	c := quiet()
	if err := c.Configure(otelsli.WithLayout(otelsli.Outcomes)); err != nil {
		t.Fatal(err)
	}
	declare(t, c, checkout(), manyPairs(300)) // 301 of 499 series
	mp, reader := newProvider()
	registered(t, c, mp)
	pay := checkout()
	pay.Name = "pay"
	_, err := otelsli.New(pay, manyPairs(198), otelsli.WithCatalog(c))
	wantProblem(t, err, `SLI "pay"`, "199 series, the overflow series among them", "at most 198, which an instrument of 2000 has room for")
	declare(t, c, pay, manyPairs(197))
	if got, _ := exported(t, reader); len(got) != (300+197)*4+4 {
		t.Errorf("%d counters", len(got))
	}
}

// TestRegisterManySLIs: all SLIs share the instruments of objectives and of undeclared events.
func TestRegisterManySLIs(t *testing.T) {
	t.Parallel()
	const limit = 10 // room for 4 SLIs, of 2 sets each
	c := quiet()
	mp, reader := newProvider(sdkmetric.WithCardinalityLimit(limit))
	registered(t, c, mp, otelsli.WithCardinalityLimit(limit))
	for i := range 5 {
		spec := checkout()
		spec.Name = fmt.Sprintf("sli%d", i)
		if _, err := otelsli.New(spec, manyPairs(limit), otelsli.WithCatalog(c)); err == nil { // takes no room
			t.Error("no error for too many series")
		}
		_, err := otelsli.New(spec, []pair{webGold}, otelsli.WithCatalog(c))
		if i < 4 && err != nil {
			t.Error(err)
		}
		if i == 4 {
			wantProblem(t, err, `SLI "sli4"`, "SLI number 5", "at most 4, which an instrument of 10 has room for")
		}
	}
	exported(t, reader) // fails on overflow
}

func TestRegisterWithoutLimit(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), manyPairs(3_000))
	mp, reader := newProvider(sdkmetric.WithCardinalityLimit(0))
	registered(t, c, mp, otelsli.WithCardinalityLimit(0))
	if err := s.Declare(pair{"one", "more"}); err != nil {
		t.Error(err)
	}
	if got, _ := exported(t, reader); len(got) != 3_001*6+2 {
		t.Errorf("%d counters", len(got))
	}
}

// setGlobalProvider sets the global provider, which OpenTelemetry lets early users follow only once
// in a process.
var setGlobalProvider = sync.OnceValue(func() sdkmetric.Reader {
	mp, reader := newProvider()
	otel.SetMeterProvider(mp)
	return reader
})

// TestRegisterGlobalProvider: libraries register before main has set the provider.
func TestRegisterGlobalProvider(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	registered(t, c, otel.GetMeterProvider())
	s.Record(t.Context(), webGold, otelsli.Success)
	got, _ := exported(t, setGlobalProvider())
	if diff := cmp.Diff(collected(t, c), got); diff != "" {
		t.Errorf("(-Collect +MeterProvider)\n%s", diff)
	}
}

// TestRegisterConcurrently collects through a MeterProvider while others declare, record, register
// and unregister: no deadlock, and every event is exported in the end.
func TestRegisterConcurrently(t *testing.T) {
	t.Parallel()
	rounds := 60
	if raceEnabled || testing.Short() {
		rounds = 20
	}
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	mp, reader := newProvider()
	done := make(chan struct{})
	var work, collectors sync.WaitGroup
	for range 2 {
		collectors.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					exported(t, reader)
				}
			}
		})
	}
	work.Go(func() { // registers and unregisters
		for range rounds {
			r, err := c.Register(mp)
			if err != nil {
				t.Error(err)
				return
			}
			if err := r.Unregister(); err != nil {
				t.Error(err)
			}
		}
	})
	work.Go(func() { // declares
		for i := range rounds {
			declare(t, c, otelsli.Spec{Name: fmt.Sprintf("sli%d", i)}, []pair{webGold})
			if err := s.Declare(pair{"later", fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		}
	})
	work.Go(func() { // records, also what was not declared
		for i := range rounds * 100 {
			s.Record(t.Context(), pair{"later", fmt.Sprint(i % (2 * rounds))}, otelsli.Failed)
		}
	})
	work.Wait()
	close(done)
	collectors.Wait()

	registered(t, c, mp)
	got, _ := exported(t, reader)
	if diff := cmp.Diff(collected(t, c), got); diff != "" {
		t.Errorf("(-Collect +MeterProvider)\n%s", diff)
	}
	var failed int64
	for key := range maps.Keys(got) {
		if strings.HasPrefix(key, "sli.checkout.error.total{") {
			failed += got[key]
		}
	}
	if want := int64(rounds * 100); failed != want {
		t.Errorf("%d failures, want %d", failed, want)
	}
}
