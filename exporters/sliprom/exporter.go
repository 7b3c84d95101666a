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

// An Exporter serves a catalog to Prometheus. All methods are safe for concurrent use. It does not
// need to be closed: between scrapes it runs no goroutine, except one for each gatherer that has not
// returned yet.
type Exporter struct {
	catalog *otelsli.Catalog
	config  config
	door    *door
	schema  *schema
	scrapes scrapePool
	slots   chan struct{} // one for each scrape in progress
	size    atomic.Int64  // of the last unfiltered response

	reader   sdkmetric.Reader
	siblings []*sibling // what the reader collects, then the gatherers of the user
	problems *problems
	drains   drains
}

var _ prometheus.Gatherer = (*Exporter)(nil)

// New makes an exporter for a catalog; nil means [otelsli.Default]. For clients other than scrapers,
// the hold of existing series starts now. If options are invalid, the error joins all problems.
func New(catalog *otelsli.Catalog, options ...Option) (*Exporter, error) {
	if catalog == nil {
		catalog = otelsli.Default()
	}
	cfg := newConfig(options)
	registry := prometheus.NewRegistry() // private: no foreign collector can interfere
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

// Reader returns the reader to give to the application's MeterProvider, so that its metrics are
// served too. It is an exporter of go.opentelemetry.io/otel/exporters/prometheus with its own
// registry. Every call returns the same reader; scrapes skip it until a MeterProvider has it.
func (e *Exporter) Reader() sdkmetric.Reader { return e.reader }

// registered reports whether a MeterProvider has the reader. There is no method for that, but a
// collection with a context that has already ended reveals it by its error, and does nothing else.
func registered(reader sdkmetric.Reader) bool {
	err := reader.Collect(over, &metricdata.ResourceMetrics{})
	return !errors.Is(err, sdkmetric.ErrReaderNotRegistered)
}

// over is a context that has ended.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Gather returns the SLIs and the metrics of all siblings, sorted by name, as a client other than a
// scraper sees them. It never fails: problems of a sibling are logged and counted, and affect no
// other metric. The families of the SLIs belong to the caller, except for their labels and times:
// these, and the families of siblings, are shared and must not be changed.
//
// [Exporter.Handler] does not use Gather: it can reuse the memory of a scrape once the response is
// complete.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	s := e.newScrape()
	s.collect(asFamilies, false, e.config.siblingTimeout)
	return s.families, nil
}
