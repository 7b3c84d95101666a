package setup

import (
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/otelsli"
)

// An Option configures [Start] and [Run].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// WithCatalog exports the SLIs of c. Default and nil: [otelsli.Default].
func WithCatalog(c *otelsli.Catalog) Option {
	return optionFunc(func(cfg *config) { cfg.catalog = c })
}

// WithService sets the resource attributes service.name and service.version. Default and "":
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, else "unknown_service:" and the program's name,
// without a version.
func WithService(name, version string) Option {
	return optionFunc(func(cfg *config) { cfg.serviceName, cfg.serviceVersion = name, version })
}

// WithResourceAttributes adds attributes to the resource. They beat those of the environment.
// Default: none.
func WithResourceAttributes(attributes ...attribute.KeyValue) Option {
	return optionFunc(func(cfg *config) { cfg.attributes = append(cfg.attributes, attributes...) })
}

// WithOTLP adds the pipeline "otlp", which pushes by OTLP. What the options leave open, the
// OTEL_EXPORTER_OTLP_* variables decide, and then the defaults of [sliotlp.New]. An endpoint in code
// beats both variables for it, and TLS in code those for all certificates. More of them make the
// pipelines "otlp-2" and so on.
func WithOTLP(options ...sliotlp.Option) Option {
	return optionFunc(func(cfg *config) { cfg.add(&otlpSpec{options: options}) })
}

// WithPrometheus adds the pipeline "prometheus", which serves /metrics, /slis.json, /healthz, /readyz
// and /health.json on addr, a host and a port such as ":9464". Port 0 takes a free one, to be read by
// [Telemetry.PrometheusAddr]. An addr of "" is OTEL_EXPORTER_PROMETHEUS_HOST and
// OTEL_EXPORTER_PROMETHEUS_PORT, by default localhost:9464.
func WithPrometheus(addr string, options ...sliprom.Option) Option {
	return optionFunc(func(cfg *config) {
		cfg.add(&prometheusSpec{addr: addr, listen: true, options: options})
	})
}

// WithPrometheusHandler adds the pipeline "prometheus" without a listener of its own: the
// application serves [Telemetry.Handler] itself.
func WithPrometheusHandler(options ...sliprom.Option) Option {
	return optionFunc(func(cfg *config) { cfg.add(&prometheusSpec{options: options}) })
}

// WithGraphite adds the pipeline "graphite", which sends to Graphite or OpenTSDB receivers over TCP.
// What the fields of c leave open, the OTELSLI_GRAPHITE_* variables decide, and then the defaults
// of [graphitebridge.New]; c.Name is the name of the pipeline, by default "graphite".
func WithGraphite(c graphitebridge.Config) Option {
	return optionFunc(func(cfg *config) { cfg.add(&graphiteSpec{config: c}) })
}

// WithConsole adds the pipeline "console", which prints all metrics as JSON to w. Nil is
// [os.Stdout].
func WithConsole(w io.Writer) Option {
	return optionFunc(func(cfg *config) { cfg.add(&consoleSpec{w: w}) })
}

// WithExporter adds a pipeline with an exporter of the OpenTelemetry SDK, under a name that says
// in errors and logs which one it is. From then on the exporter is shut down with the pipeline,
// also where Start fails.
func WithExporter(name string, exporter sdkmetric.Exporter) Option {
	return optionFunc(func(cfg *config) { cfg.add(&exporterSpec{pipelineName: name, exporter: exporter}) })
}

// WithViews adds views to the MeterProvider. They apply to the application's metrics, not to
// SLIs. Default: none; nil views are left out.
func WithViews(views ...sdkmetric.View) Option {
	return optionFunc(func(cfg *config) {
		for _, v := range views {
			if v != nil {
				cfg.views = append(cfg.views, v)
			}
		}
	})
}

// WithInterval sets the time between two exports of a push pipeline. Default and 0:
// OTEL_METRIC_EXPORT_INTERVAL, else one minute.
func WithInterval(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.interval = d })
}

// WithTimeout bounds one collection and export of a push pipeline. Default and 0:
// OTEL_METRIC_EXPORT_TIMEOUT, else 30 seconds.
func WithTimeout(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.timeout = d })
}

// WithShutdownTimeout bounds [Telemetry.Shutdown] where its context has no deadline, and the
// shutdown of [Run]. Default and 0: 10 seconds, and the time of [WithScrapeDrain].
func WithShutdownTimeout(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.shutdownTimeout = d })
}

// WithScrapeDrain keeps /metrics open at shutdown until so many scrapers have each scraped once
// more, but no longer than atMost, so that a scraper gets the final values too. It should be a
// little more than the scrape interval; 2 scrapers are a Prometheus HA pair. Only requests with
// Prometheus' scrape-timeout header count. Where Shutdown has a deadline, the drain leaves half of the
// time, but no more than 10 seconds, to the last exports. With [WithPrometheusHandler] it makes sense
// only where the application's server outlives the call of Shutdown. Default and 0: no drain; less
// than 1 scraper is 1.
func WithScrapeDrain(atMost time.Duration, scrapers int) Option {
	return optionFunc(func(cfg *config) { cfg.drain, cfg.scrapers = atMost, max(scrapers, 1) })
}

// WithLogger sets the logger for what happens while the pipelines run. OTEL_LOG_LEVEL, where it is
// set, decides which lines are written, in the place of the logger's own level. Default and nil:
// [slog.Default].
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(cfg *config) { cfg.logger = l })
}

// WithoutGlobal leaves the global MeterProvider as it is. Default: Start sets it.
func WithoutGlobal() Option {
	return optionFunc(func(cfg *config) { cfg.withoutGlobal = true })
}

// WithoutEnvironment reads no variable: what the options leave open has its default, and without
// an option for a pipeline there is none. (The SDK itself adds what OTEL_RESOURCE_ATTRIBUTES has
// and the resource has not.) Default: the environment is read.
func WithoutEnvironment() Option {
	return optionFunc(func(cfg *config) { cfg.env = environment{} })
}
