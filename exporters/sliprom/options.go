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
	// DefaultHold is how long a new series reports 0, unless [WithHold] sets another time: one usual
	// scrape interval of 15 seconds, and as much again for the second scraper of a pair, which may
	// discover the target later than the first.
	DefaultHold = 30 * time.Second

	// DefaultSiblingTimeout is how long a scrape waits for metrics other than SLIs, unless
	// [WithSiblingTimeout] sets another time.
	DefaultSiblingTimeout = 5 * time.Second

	// DefaultWriteTimeout is how long a client may take to read a response, unless
	// [WithWriteTimeout] sets another time.
	DefaultWriteTimeout = 30 * time.Second

	// DefaultConcurrentScrapes is the number of scrapes that are served at the same time, unless
	// [WithConcurrentScrapes] sets another.
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

// validate returns what is wrong, each a [otelsli.FieldError].
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

// WithHold sets how long a new series reports 0, so that the first scrape sees it there and none of
// its events are lost to increase() and rate(). For scrapers it runs from the first scrape that the
// series was part of, for other clients from the birth of the series: see the package. It should be
// the scrape interval and about 10 seconds more: the second scraper of a pair may discover the target
// so much later than the first, and then comes within an interval. Default: [DefaultHold]. Zero or
// less is off.
func WithHold(d time.Duration) Option {
	return optionFunc(func(c *config) { c.hold = max(d, 0) })
}

// WithGatherers serves what gs gather beside the SLIs, for example prometheus.DefaultGatherer.
// Where two have a family of the same name, the first one's is served; the SLIs come first and the
// metrics of [Exporter.Reader] second. Default: none. It adds up if it is given more than once. A
// nil Gatherer is an error of [New].
func WithGatherers(gs ...prometheus.Gatherer) Option {
	gs = slices.Clone(gs)
	return optionFunc(func(c *config) { c.gatherers = append(c.gatherers, gs...) })
}

// WithOTelOptions passes options to the OpenTelemetry exporter behind [Exporter.Reader], such as
// otelprom.WithoutScopeInfo, which makes scrapes of many series cheaper. They do not touch the
// SLIs, and its registerer cannot be changed. Default: none, so that its own defaults hold. It adds
// up if it is given more than once.
func WithOTelOptions(options ...otelprom.Option) Option {
	options = slices.Clone(options)
	return optionFunc(func(c *config) { c.otel = append(c.otel, options...) })
}

// WithSiblingTimeout sets how long a scrape waits for metrics other than SLIs before it goes on
// without them. Where the scraper states its own timeout, as Prometheus does, half of that is the
// most. Default, and zero or less: [DefaultSiblingTimeout].
func WithSiblingTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.siblingTimeout = positive(d, DefaultSiblingTimeout) })
}

// WithWriteTimeout sets how long a client may take to read a response. Where the scraper states its
// own timeout, as Prometheus does, that is the most. Default, and zero or less:
// [DefaultWriteTimeout].
func WithWriteTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.writeTimeout = positive(d, DefaultWriteTimeout) })
}

// WithConcurrentScrapes sets how many scrapes are served at the same time; a further one gets the
// status 503. It bounds the memory that clients which do not read can claim. Default, and zero or
// less: [DefaultConcurrentScrapes].
func WithConcurrentScrapes(n int) Option {
	return optionFunc(func(c *config) { c.concurrent = positive(n, DefaultConcurrentScrapes) })
}

// WithCreatedSamples writes the birth of each series as a line _created into the OpenMetrics text.
// Prometheus stores each as a series of its own, unless it runs with the feature
// created-timestamp-zero-ingestion. Default: off. The protobuf format carries the birth in any
// case, and the older text format never does.
func WithCreatedSamples() Option {
	return optionFunc(func(c *config) { c.created = true })
}

// WithLogger sets the logger for problems of scrapes. Default and nil: [slog.Default], as it is
// when there is something to log.
func WithLogger(l *slog.Logger) CommonOption { return loggerOption{l} }

// A CommonOption configures an [Exporter] as well as a [Server].
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
