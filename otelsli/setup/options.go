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
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, otherwise "unknown_service:" and the program's
// name, without a version.
func WithService(name, version string) Option {
	return optionFunc(func(cfg *config) { cfg.serviceName, cfg.serviceVersion = name, version })
}

// WithResourceAttributes adds attributes to the resource. They override those of the environment.
// Default: none.
func WithResourceAttributes(attributes ...attribute.KeyValue) Option {
	return optionFunc(func(cfg *config) { cfg.attributes = append(cfg.attributes, attributes...) })
}

// WithOTLP adds the pipeline "otlp", which pushes over OTLP. What the options leave open comes from
// the OTEL_EXPORTER_OTLP_* variables, then from the defaults of [sliotlp.New]. An endpoint in code
// overrides both endpoint variables, and TLS in code overrides all certificate variables. Further
// calls add the pipelines "otlp-2" and so on.
func WithOTLP(options ...sliotlp.Option) Option {
	return optionFunc(func(cfg *config) { cfg.add(&otlpSpec{options: options}) })
}

// WithPrometheus adds the pipeline "prometheus", which serves /metrics, /slis.json, /healthz,
// /readyz and /health.json on addr, a host and a port such as ":9464". Port 0 selects a free one;
// see [Telemetry.PrometheusAddr]. If addr is "", it comes from OTEL_EXPORTER_PROMETHEUS_HOST and
// OTEL_EXPORTER_PROMETHEUS_PORT, by default localhost:9464.
func WithPrometheus(addr string, options ...sliprom.Option) Option {
	return optionFunc(func(cfg *config) {
		cfg.add(&prometheusSpec{addr: addr, listen: true, options: options})
	})
}

// WithPrometheusHandler adds the pipeline "prometheus" without its own listener: the application
// serves [Telemetry.Handler] itself.
func WithPrometheusHandler(options ...sliprom.Option) Option {
	return optionFunc(func(cfg *config) { cfg.add(&prometheusSpec{options: options}) })
}

// WithGraphite adds the pipeline "graphite", which sends to Graphite or OpenTSDB receivers over
// TCP. What the fields of c leave open comes from the OTELSLI_GRAPHITE_* variables, then from the
// defaults of [graphitebridge.New]. c.Name is the name of the pipeline, by default "graphite".
func WithGraphite(c graphitebridge.Config) Option {
	return optionFunc(func(cfg *config) { cfg.add(&graphiteSpec{config: c}) })
}

// WithConsole adds the pipeline "console", which prints all metrics as JSON to w. Nil means
// [os.Stdout].
func WithConsole(w io.Writer) Option {
	return optionFunc(func(cfg *config) { cfg.add(&consoleSpec{w: w}) })
}

// WithExporter adds a pipeline with any OpenTelemetry SDK exporter. name identifies it in errors,
// logs and metrics. The pipeline owns the exporter from then on and shuts it down, even if Start
// fails.
func WithExporter(name string, exporter sdkmetric.Exporter) Option {
	return optionFunc(func(cfg *config) { cfg.add(&exporterSpec{pipelineName: name, exporter: exporter}) })
}

// WithViews adds views to the MeterProvider. They apply to the application's metrics, not to SLIs.
// Default: none; nil views are ignored.
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
// OTEL_METRIC_EXPORT_INTERVAL, otherwise one minute.
func WithInterval(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.interval = d })
}

// WithTimeout limits one collection and export of a push pipeline. Default and 0:
// OTEL_METRIC_EXPORT_TIMEOUT, otherwise 30 seconds.
func WithTimeout(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.timeout = d })
}

// WithShutdownTimeout limits [Telemetry.Shutdown] if its context has no deadline, and the shutdown
// of [Run]. Default and 0: 10 seconds plus the time of [WithScrapeDrain].
func WithShutdownTimeout(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.shutdownTimeout = d })
}

// WithScrapeDrain keeps /metrics open at shutdown until the given number of scrapers have each
// scraped once more, so that they get the final values, but no longer than atMost. Set atMost to a
// little more than the scrape interval; a Prometheus HA pair is 2 scrapers. Only requests with
// Prometheus' scrape-timeout header count. If Shutdown has a deadline, the drain leaves half of the
// time, but no more than 10 seconds, for the last exports. With [WithPrometheusHandler], it makes
// sense only if the application's server outlives the call to Shutdown. Default and 0: no drain;
// less than 1 scraper means 1.
func WithScrapeDrain(atMost time.Duration, scrapers int) Option {
	return optionFunc(func(cfg *config) { cfg.drain, cfg.scrapers = atMost, max(scrapers, 1) })
}

// WithLogger sets the logger for what happens while the pipelines run. OTEL_LOG_LEVEL, if set,
// overrides the logger's own level. Default and nil: [slog.Default].
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(cfg *config) { cfg.logger = l })
}

// WithoutGlobal leaves the global MeterProvider as it is. Default: Start sets it.
func WithoutGlobal() Option {
	return optionFunc(func(cfg *config) { cfg.withoutGlobal = true })
}

// WithoutEnvironment ignores all variables: what the options leave open has its default, and
// without a pipeline option there is no pipeline. (The SDK itself adds attributes from
// OTEL_RESOURCE_ATTRIBUTES that the resource lacks.) Default: the environment is read.
func WithoutEnvironment() Option {
	return optionFunc(func(cfg *config) { cfg.env = environment{} })
}
