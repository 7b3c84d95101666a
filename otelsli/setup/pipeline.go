package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A pipelineSpec is a requested pipeline.
type pipelineSpec interface {
	name() string
	number(n int) bool                              // makes the name that of the nth pipeline; false if it cannot
	resolve(ctx context.Context, cfg *config) error // fills in what the options left open, and validates
	build(ctx context.Context, cfg *config) (pipeline, error)
	discard(ctx context.Context) error // releases what was handed over but never built
}

// A pipeline is one way out of the process.
type pipeline interface {
	name() string
	reader() sdkmetric.Reader
	prepare(ctx context.Context, provider metric.MeterProvider) error // the last step that can fail
	start()
	flush(ctx context.Context) error
	shutdown(ctx context.Context) error
	health() PipelineHealth
}

// consoleSpec is WithConsole.
type consoleSpec struct {
	suffix string
	w      io.Writer
}

func (s *consoleSpec) name() string                           { return "console" + s.suffix }
func (s *consoleSpec) number(n int) bool                      { s.suffix = fmt.Sprintf("-%d", n); return true }
func (s *consoleSpec) resolve(context.Context, *config) error { return nil }
func (s *consoleSpec) discard(context.Context) error          { return nil }

func (s *consoleSpec) build(ctx context.Context, cfg *config) (pipeline, error) {
	if s.w == nil {
		s.w = os.Stdout
	}
	exporter, err := stdoutmetric.New(stdoutmetric.WithWriter(s.w))
	if err != nil {
		return nil, fmt.Errorf("setup: console: %w", err)
	}
	return newPush(ctx, s.name(), exporter, cfg, false)
}

// exporterSpec is WithExporter.
type exporterSpec struct {
	pipelineName string
	exporter     sdkmetric.Exporter
}

func (s *exporterSpec) name() string    { return s.pipelineName }
func (s *exporterSpec) number(int) bool { return false }

func (s *exporterSpec) resolve(context.Context, *config) error {
	var errs []error
	if s.pipelineName == "" {
		errs = append(errs, &otelsli.FieldError{Field: "WithExporter: name", Value: `""`, Want: `a name for errors and logs, such as "archive"`})
	}
	if s.exporter == nil {
		errs = append(errs, &otelsli.FieldError{Field: fmt.Sprintf("WithExporter(%q)", s.pipelineName), Value: "nil", Want: "an exporter"})
	}
	return errors.Join(errs...)
}

func (s *exporterSpec) build(ctx context.Context, cfg *config) (pipeline, error) {
	return newPush(ctx, s.name(), s.exporter, cfg, false)
}

func (s *exporterSpec) discard(ctx context.Context) error {
	if s.exporter == nil {
		return nil
	}
	return s.exporter.Shutdown(ctx)
}

// push is a pipeline that exports at an interval.
type push struct {
	*slisdk.Pipeline
	watch *watch
}

// newPush takes ownership of the exporter and shuts it down if the pipeline cannot be created. If
// quiet is set, the exporter logs its outages itself.
func newPush(ctx context.Context, name string, exporter sdkmetric.Exporter, cfg *config, quiet bool) (push, error) {
	w := cfg.observer.watch(cfg.logger, name, exporter, quiet)
	p, err := slisdk.NewPipeline(name, cfg.catalog, exporter,
		slisdk.WithInterval(cfg.interval),
		slisdk.WithTimeout(cfg.timeout),
		slisdk.WithResource(cfg.resource),
		slisdk.WithErrorHandler(func(error) {}), // the watch sees all of them
		slisdk.WithObserver(w.round),
	)
	if err != nil {
		return push{}, errors.Join(err, exporter.Shutdown(ctx))
	}
	return push{p, w}, nil
}

func (p push) name() string             { return p.Name() }
func (p push) reader() sdkmetric.Reader { return p.Reader() }
func (p push) start()                   { p.Start() }
func (p push) health() PipelineHealth   { return p.watch.health() }

func (push) prepare(context.Context, metric.MeterProvider) error { return nil }

func (p push) flush(ctx context.Context) error    { return p.Flush(ctx) }
func (p push) shutdown(ctx context.Context) error { return p.Shutdown(ctx) }
