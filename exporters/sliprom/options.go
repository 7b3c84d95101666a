package sliprom

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultHold is how long a new series reports 0, unless [WithHold] says otherwise: the usual scrape
	// interval of 15 seconds, and as long again for the second scraper of a pair, which may discover the
	// target later than the first.
	DefaultHold = 30 * time.Second

	// DefaultSiblingTimeout is how long a scrape waits for metrics other than SLIs, unless
	// [WithSiblingTimeout] says otherwise.
	DefaultSiblingTimeout = 5 * time.Second

	// DefaultWriteTimeout is how long a client may take to read a response, unless [WithWriteTimeout]
	// says otherwise.
	DefaultWriteTimeout = 30 * time.Second

	// DefaultConcurrentScrapes is the number of scrapes served at the same time, unless
	// [WithConcurrentScrapes] says otherwise.
	DefaultConcurrentScrapes = 64
)

// An Option configures an [Exporter].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	hold           time.Duration
	gatherers      []prometheus.Gatherer
	otel           []otelprom.Option
	siblingTimeout time.Duration
	writeTimeout   time.Duration
	concurrent     int
	created        bool
	observers      []func(Scrape)
	logger         *slog.Logger
}

func newConfig(options []Option) config {
	c := config{
		hold:           DefaultHold,
		siblingTimeout: DefaultSiblingTimeout,
		writeTimeout:   DefaultWriteTimeout,
		concurrent:     DefaultConcurrentScrapes,
	}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// validate returns the problems, each an [otelsli.FieldError].
func (c config) validate() (errs []error) {
	for i, g := range c.gatherers {
		if g == nil {
			errs = append(errs, &otelsli.FieldError{
				Field: fmt.Sprintf("sliprom: WithGatherers: gatherer %d", i+1),
				Value: "nil",
				Want:  "a Gatherer, such as prometheus.DefaultGatherer",
			})
		}
	}
	return errs
}

// WithHold sets how long a new series reports 0, so that the first scrape sees the 0 and increase()
// and rate() miss none of its events. For scrapers the hold runs from the first scrape that included
// the series, for other clients from the creation of the series: see the package documentation. It
// should be the scrape interval plus about 10 seconds: the second scraper of a pair may discover the
// target that much later than the first, and then scrapes within an interval. Default: [DefaultHold].
// Zero or less disables the hold.
func WithHold(d time.Duration) Option {
	return optionFunc(func(c *config) { c.hold = max(d, 0) })
}

// WithGatherers serves what gs gather in addition to the SLIs, for example
// prometheus.DefaultGatherer. If two sources have a family of the same name, the first is served; the
// SLIs come first and the metrics of [Exporter.Reader] second. Default: none. Repeated uses
// accumulate. A nil Gatherer is an error in [New].
func WithGatherers(gs ...prometheus.Gatherer) Option {
	gs = slices.Clone(gs)
	return optionFunc(func(c *config) { c.gatherers = append(c.gatherers, gs...) })
}

// WithOTelOptions passes options to the OpenTelemetry exporter behind [Exporter.Reader], such as
// otelprom.WithoutScopeInfo, which makes scrapes of many series cheaper. They do not affect the SLIs,
// and cannot change the registerer. Default: none, so the exporter's own defaults apply. Repeated
// uses accumulate.
func WithOTelOptions(options ...otelprom.Option) Option {
	options = slices.Clone(options)
	return optionFunc(func(c *config) { c.otel = append(c.otel, options...) })
}

// WithSiblingTimeout sets how long a scrape waits for metrics other than SLIs before it is served
// without them. If the scraper states its own timeout, as Prometheus does, the wait is at most half
// of that. Default (also for zero or less): [DefaultSiblingTimeout].
func WithSiblingTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.siblingTimeout = positive(d, DefaultSiblingTimeout) })
}

// WithWriteTimeout sets how long a client may take to read a response. If the scraper states its own
// timeout, as Prometheus does, that is the maximum. Default (also for zero or less):
// [DefaultWriteTimeout].
func WithWriteTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.writeTimeout = positive(d, DefaultWriteTimeout) })
}

// WithConcurrentScrapes sets how many scrapes are served at the same time; further ones get the
// status 503. This bounds the memory that clients which do not read can tie up. Default (also for
// zero or less): [DefaultConcurrentScrapes].
func WithConcurrentScrapes(n int) Option {
	return optionFunc(func(c *config) { c.concurrent = positive(n, DefaultConcurrentScrapes) })
}

// WithCreatedSamples adds the creation time of each series as a _created line to the OpenMetrics
// text. Prometheus stores each such line as a series of its own, unless it runs with the feature
// created-timestamp-zero-ingestion. Default: off. The protobuf format always carries the creation
// time, the older text format never.
func WithCreatedSamples() Option {
	return optionFunc(func(c *config) { c.created = true })
}

// WithLogger sets the logger for problems with scrapes. Default (and nil): [slog.Default] at the time
// of logging.
func WithLogger(l *slog.Logger) CommonOption { return loggerOption{l} }

// A CommonOption configures an [Exporter] or a [Server].
type CommonOption interface {
	Option
	ServerOption
}

type loggerOption struct{ logger *slog.Logger }

func (o loggerOption) apply(c *config)             { c.logger = o.logger }
func (o loggerOption) applyServer(c *serverConfig) { c.logger = o.logger }

func positive[T int | time.Duration](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}
