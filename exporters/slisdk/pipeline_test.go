package slisdk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/otelsli"
)

const webGold = "sli.order.total{channel=web,tier=gold}"

func TestNewPipelineReportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := NewPipeline("", otelsli.NewCatalog(), nil, WithInterval(0), WithTimeout(-time.Second), nil)
	wantError(t, err,
		`pipeline "": name is "": want a name`,
		`exporter is nil: want an exporter`,
		`WithInterval is 0s: want a positive duration`,
		`WithTimeout is -1s: want a positive duration`,
	)
	if _, ok := errors.AsType[*otelsli.FieldError](err); !ok {
		t.Errorf("%T is no FieldError", err)
	}
}

func TestNameIsTakenUntilShutdown(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	first := newPipeline(t, c, &exporterFake{})
	_, err := NewPipeline("test", c, &exporterFake{})
	wantError(t, err, `pipeline "test": name is that of another pipeline`)
	if _, err := NewPipeline("other", c, &exporterFake{}); err != nil {
		t.Errorf("another name: %v", err)
	}
	if _, err := NewPipeline("test", otelsli.NewCatalog(), &exporterFake{}); err != nil {
		t.Errorf("another catalog: %v", err)
	}
	shutdown(t, first)
	newPipeline(t, c, &exporterFake{})
}

func TestPipelineExportsAtIntervals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []Option
		want    []time.Duration
	}{
		"default": {nil, []time.Duration{0, time.Minute, 2 * time.Minute, 150 * time.Second}},
		"interval": {
			[]Option{WithInterval(50 * time.Second)},
			[]time.Duration{0, 50 * time.Second, 100 * time.Second, 150 * time.Second, 150 * time.Second},
		},
		"without first export": {[]Option{WithoutFirstExport()}, []time.Duration{time.Minute, 2 * time.Minute, 150 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := otelsli.NewCatalog()
				newSLI(t, c, "order")
				e := &exporterFake{}
				p := newPipeline(t, c, e, test.options...)
				began := time.Now()
				p.Start()
				p.Start()
				time.Sleep(150 * time.Second)
				synctest.Wait()
				shutdown(t, p)
				p.Start()
				synctest.Wait()
				var got []time.Duration
				for _, c := range e.arrived() {
					got = append(got, c.at.Sub(began))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("times of the exports (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPipelineExportsApplicationMetricsToo(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	newSLI(t, c, "order")
	e := &exporterFake{}
	p := newPipeline(t, c, e, WithProducer(producerFunc(func(context.Context) ([]metricdata.ScopeMetrics, error) {
		return []metricdata.ScopeMetrics{gaugeScope("bridge", 7)}, nil
	})), WithProducer(nil))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()), sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"))))
	requests, err := mp.Meter("app").Int64Counter("requests")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		requests.Add(t.Context(), 1)
		flush(t, p)
		got := e.arrived()[i]
		slices.Sort(got.scopes)
		if diff := cmp.Diff([]string{"app", "bridge", otelsli.ScopeName}, got.scopes); diff != "" {
			t.Errorf("scopes (-want +got):\n%s", diff)
		}
		if got.values["requests{}"] != float64(i+1) || got.values["bridge{}"] != 7 {
			t.Errorf("export %d: %v", i, got.values)
		}
		if v, ok := got.resource.Set().Value("service.name"); !ok || v.AsString() != "shop" {
			t.Errorf("resource %v", got.resource)
		}
	}
}

type producerFunc func(context.Context) ([]metricdata.ScopeMetrics, error)

func (f producerFunc) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) { return f(ctx) }

// gaugeScope is a scope with one gauge of its name.
func gaugeScope(name string, value int64) metricdata.ScopeMetrics {
	sm := metricdata.ScopeMetrics{Metrics: []metricdata.Metrics{{
		Name: name,
		Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Value: value}}},
	}}}
	sm.Scope.Name = name
	return sm
}

func TestPipelineReaderIsTheExporters(t *testing.T) {
	t.Parallel()
	e := &exporterFake{temporality: metricdata.DeltaTemporality}
	p := newPipeline(t, otelsli.NewCatalog(), e)
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()))
	requests, err := mp.Meter("app").Int64Counter("requests")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		requests.Add(t.Context(), 1)
		flush(t, p)
	}
	for _, got := range e.arrived() {
		if got.values["requests{}"] != 1 || got.monotone["requests"] != metricdata.DeltaTemporality {
			t.Errorf("requests is %v, %v", got.values["requests{}"], got.monotone["requests"])
		}
	}
}

func TestPipelineWithoutMeterProviderUsesItsResource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []Option
		want    *resource.Resource
	}{
		"given":   {[]Option{WithResource(resource.NewSchemaless(attribute.String("a", "b")))}, resource.NewSchemaless(attribute.String("a", "b"))},
		"nil":     {[]Option{WithResource(nil)}, resource.Empty()},
		"default": {nil, resource.Empty()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &exporterFake{}
			p := newPipeline(t, otelsli.NewCatalog(), e, test.options...)
			flush(t, p)
			if got := e.arrived()[0]; !got.resource.Equal(test.want) || len(got.scopes) != 0 {
				t.Errorf("resource %v, want %v; scopes %v", got.resource, test.want, got.scopes)
			}
		})
	}
}

func TestFlushingTheMeterProviderFlushesThePipeline(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	newSLI(t, c, "order")
	e := &exporterFake{}
	p := newPipeline(t, c, e)
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()))
	if err := mp.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(e.arrived()); n != 2 || e.shutdowns != 1 {
		t.Errorf("%d exports, %d shutdowns", n, e.shutdowns)
	}
	if err := p.Flush(t.Context()); !errors.Is(err, ErrShutdown) {
		t.Errorf("Flush after the provider's Shutdown: %v", err)
	}
}

func TestShuttingDownTheMeterProviderAfterThePipelineIsNoError(t *testing.T) {
	t.Parallel()
	e := &exporterFake{onShutdown: func(context.Context) error { return errors.New("told once") }}
	p := newPipeline(t, otelsli.NewCatalog(), e)
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()))
	wantError(t, p.Shutdown(t.Context()), "told once")
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSeveralPipelinesEachDeliverEverything mixes temporalities over one catalog.
func TestSeveralPipelinesEachDeliverEverything(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	exporters := map[string]*exporterFake{
		"cumulative": {},
		"delta":      {temporality: metricdata.DeltaTemporality},
		"delta too":  {temporality: metricdata.DeltaTemporality},
	}
	var pipelines []*Pipeline
	for name, e := range exporters {
		p, err := NewPipeline(name, c, e, WithInterval(time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		p.Start()
		pipelines = append(pipelines, p)
	}
	var recorders sync.WaitGroup
	for range 4 {
		recorders.Go(func() {
			for range 20_000 {
				s.Record(context.Background(), labels{"web", "gold"}, otelsli.Success)
			}
		})
	}
	recorders.Wait()
	for _, p := range pipelines {
		shutdown(t, p)
	}
	const want = 80_000
	for name, e := range exporters {
		if e.temporality == metricdata.DeltaTemporality {
			if got := e.sum("sli.order.total"); got != want {
				t.Errorf("%s: the deltas add up to %v, want %v", name, got, want)
			}
			continue
		}
		all := e.arrived()
		if got := all[len(all)-1].values[webGold]; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
