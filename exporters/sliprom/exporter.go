package sliprom

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// An Exporter serves a catalog to Prometheus. All methods may be called by several goroutines at
// once. It needs no closing: between scrapes it runs no goroutine, except one for each gatherer that
// has not returned yet.
type Exporter struct {
	catalog *otelsli.Catalog
	config  config
	door    *door
	schema  *schema
	scrapes scrapePool
	slots   chan struct{} // one for each scrape that is being served
	size    atomic.Int64  // of the last whole response

	reader   sdkmetric.Reader
	siblings []*sibling // what the reader collects, then the gatherers of the user
	problems *problems
	drains   drains
}

var _ prometheus.Gatherer = (*Exporter)(nil)

// New opens the pull door of a catalog; a nil catalog is the one that [otelsli.Default] returns. For
// clients that are no scrapers the hold of the series that exist starts now. All problems of the
// options are reported, joined.
func New(catalog *otelsli.Catalog, options ...Option) (*Exporter, error) {
	if catalog == nil {
		catalog = otelsli.Default()
	}
	cfg := newConfig(options)
	registry := prometheus.NewRegistry() // private, so that nobody else's collector can disturb it
	reader, err := otelprom.New(append(cfg.otel, otelprom.WithRegisterer(registry))...)
	if err != nil {
		err = fmt.Errorf("sliprom: make the OpenTelemetry exporter: %w", err)
	}
	if err := errors.Join(append(cfg.validate(), err)...); err != nil {
		return nil, err
	}
	e := &Exporter{
		catalog:  catalog,
		config:   cfg,
		schema:   newSchema(),
		slots:    make(chan struct{}, cfg.concurrent),
		reader:   reader,
		siblings: []*sibling{{name: "OpenTelemetry", gatherer: registry, ready: func() bool { return registered(reader) }}},
		problems: &problems{logger: cfg.logger},
	}
	for i, g := range cfg.gatherers {
		e.siblings = append(e.siblings, &sibling{name: fmt.Sprintf("gatherer %d (%T)", i+1, g), gatherer: g})
	}
	e.door = openDoor(catalog, cfg.hold)
	return e, nil
}

// Reader returns the reader that brings the application's own metrics to this door, to be handed to
// its MeterProvider. It is an exporter of go.opentelemetry.io/otel/exporters/prometheus with a
// registry of its own. It is the same in every call; until a MeterProvider has it, no scrape asks it.
func (e *Exporter) Reader() sdkmetric.Reader { return e.reader }

// registered reports whether a MeterProvider has the reader. There is no method for it, but a
// collection whose context is over before it begins tells by its error, and does nothing else.
func registered(reader sdkmetric.Reader) bool {
	err := reader.Collect(over, &metricdata.ResourceMetrics{})
	return !errors.Is(err, sdkmetric.ErrReaderNotRegistered)
}

// over is a context that is over.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Gather returns the SLIs and the metrics of all siblings, sorted by name, as a client that is no
// scraper sees them. It never fails: what is wrong with a sibling is logged and counted, and costs no
// other metric anything. The families of the SLIs belong to the caller, except for their labels and
// times: these, and the families of siblings, are shared and must not be changed.
//
// [Exporter.Handler] does not use it: a response has an end, and leaves its memory to the next one.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	s := e.newScrape()
	s.collect(asFamilies, false, e.config.siblingTimeout)
	return s.families, nil
}
