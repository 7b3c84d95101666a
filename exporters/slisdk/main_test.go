package slisdk

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // catalogs warn of undeclared labels, of which there are many
	goleak.VerifyTestMain(m)
}

// labels are those of all SLIs of these tests.
type labels struct{ Channel, Tier string }

var declared = []labels{{"web", "gold"}, {"web", "free"}, {"app", "gold"}}

// newSLI declares an SLI with a threshold and objectives.
func newSLI(t testing.TB, c *otelsli.Catalog, name string) *otelsli.SLI[labels] {
	t.Helper()
	s, err := otelsli.New(otelsli.Spec{
		Name:      name,
		Threshold: time.Second,
		Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}, declared, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An exporterFake keeps copies of what it is given. What it does with an export is up to act.
type exporterFake struct {
	temporality metricdata.Temporality
	act         func(context.Context) error // nil: succeed
	onShutdown  func(context.Context) error // nil: succeed
	onFlush     func(context.Context) error // nil: succeed

	mu        sync.Mutex
	all       []collected // every export that was tried
	delivered []collected // those that succeeded
	running   int
	most      int // most exports at a time
	shutdowns int
}

// collected is one export: values by metric and attributes.
type collected struct {
	at       time.Time
	resource *resource.Resource
	scopes   []string
	values   map[string]float64
	points   map[string]metricdata.DataPoint[int64]
	gauges   int                           // number of their points
	metrics  map[string]metricdata.Metrics // Data is not to be read, for its memory is reused
	monotone map[string]metricdata.Temporality
}

func (e *exporterFake) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	if e.temporality == metricdata.DeltaTemporality {
		return sdkmetric.DeltaTemporalitySelector(k)
	}
	return sdkmetric.CumulativeTemporalitySelector(k)
}

func (e *exporterFake) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (e *exporterFake) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	c := read(rm)
	e.mu.Lock()
	e.running++
	e.most = max(e.most, e.running)
	e.all = append(e.all, c)
	act := e.act
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.running--
		e.mu.Unlock()
	}()
	if act != nil {
		if err := act(ctx); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.delivered = append(e.delivered, c)
	return nil
}

func (e *exporterFake) ForceFlush(ctx context.Context) error {
	if e.onFlush != nil {
		return e.onFlush(ctx)
	}
	return nil
}

func (e *exporterFake) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	e.shutdowns++
	e.mu.Unlock()
	if e.onShutdown != nil {
		return e.onShutdown(ctx)
	}
	return nil
}

func (e *exporterFake) setAct(act func(context.Context) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.act = act
}

// tried returns the exports so far, whatever became of them.
func (e *exporterFake) tried() []collected {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.all)
}

// arrived returns the exports that succeeded.
func (e *exporterFake) arrived() []collected {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.delivered)
}

// sum adds up a counter over all exports that arrived and all its series.
func (e *exporterFake) sum(metric string) float64 {
	var n float64
	for _, c := range e.arrived() {
		n += c.total(metric)
	}
	return n
}

// read copies what a test looks at.
func read(rm *metricdata.ResourceMetrics) collected {
	c := collected{
		at:       time.Now(),
		resource: rm.Resource,
		values:   make(map[string]float64),
		points:   make(map[string]metricdata.DataPoint[int64]),
		metrics:  make(map[string]metricdata.Metrics),
		monotone: make(map[string]metricdata.Temporality),
	}
	for _, sm := range rm.ScopeMetrics {
		c.scopes = append(c.scopes, sm.Scope.Name)
		for _, m := range sm.Metrics {
			c.metrics[m.Name] = m
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				if data.IsMonotonic {
					c.monotone[m.Name] = data.Temporality
				}
				for _, p := range data.DataPoints {
					c.points[key(m.Name, p.Attributes)] = p
					c.values[key(m.Name, p.Attributes)] += float64(p.Value)
				}
			case metricdata.Gauge[float64]:
				c.gauges += len(data.DataPoints)
				for _, p := range data.DataPoints {
					c.values[key(m.Name, p.Attributes)] = p.Value
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					c.values[key(m.Name, p.Attributes)] = float64(p.Value)
				}
			}
		}
	}
	return c
}

// key is a series as text, such as "sli.a.total{channel=web,tier=gold}".
func key(metric string, set attribute.Set) string {
	return metric + "{" + set.Encoded(attribute.DefaultEncoder()) + "}"
}

// total adds up the series of a metric.
func (c collected) total(metric string) float64 {
	var n float64
	for k, v := range c.values {
		if strings.HasPrefix(k, metric+"{") {
			n += v
		}
	}
	return n
}

func (c collected) series() []string { return slices.Sorted(maps.Keys(c.values)) }

// errorLog is an error handler that keeps what it is told.
type errorLog struct {
	mu  sync.Mutex
	all []error
}

func (l *errorLog) handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, err)
}

func (l *errorLog) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.all...)
}

// newPipeline makes a pipeline that the test need not shut down.
func newPipeline(t testing.TB, c *otelsli.Catalog, e sdkmetric.Exporter, options ...Option) *Pipeline {
	t.Helper()
	p, err := NewPipeline("test", c, e, options...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func flush(t testing.TB, p *Pipeline) {
	t.Helper()
	if err := p.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func shutdown(t testing.TB, p *Pipeline) {
	t.Helper()
	if err := p.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// wantError fails unless the text of err has all parts.
func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}
