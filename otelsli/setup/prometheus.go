package setup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
)

// prometheusSpec is WithPrometheus and WithPrometheusHandler.
type prometheusSpec struct {
	addr    string
	listen  bool
	options []sliprom.Option
}

func (s *prometheusSpec) name() string                  { return "prometheus" }
func (s *prometheusSpec) number(int) bool               { return false }
func (s *prometheusSpec) discard(context.Context) error { return nil }

func (s *prometheusSpec) resolve(_ context.Context, cfg *config) error {
	field := "WithPrometheus"
	if s.addr == "" {
		field = "OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT"
		host, _ := cfg.env.text("OTEL_EXPORTER_PROMETHEUS_HOST")
		port, _ := cfg.env.text("OTEL_EXPORTER_PROMETHEUS_PORT")
		if host == "" {
			host = "localhost"
		}
		if port == "" {
			port = "9464"
		}
		s.addr = net.JoinHostPort(host, port)
	}
	if !s.listen {
		return nil
	}
	_, port, err := net.SplitHostPort(s.addr)
	if n, numErr := strconv.Atoi(port); err != nil || numErr != nil || n < 0 || n > 65535 {
		return &otelsli.FieldError{Field: field, Value: strconv.Quote(s.addr), Want: `a host and a port from 0 to 65535, such as ":9464"`}
	}
	return nil
}

func (s *prometheusSpec) build(_ context.Context, cfg *config) (pipeline, error) {
	options := append([]sliprom.Option{sliprom.WithLogger(cfg.logger)}, s.options...)
	exporter, err := sliprom.New(cfg.catalog, options...)
	if err != nil {
		return nil, err
	}
	p := &pull{exporter: exporter, drain: cfg.drain, scrapers: cfg.scrapers, served: make(chan error, 1)}
	if !s.listen {
		return p, nil
	}
	p.server, err = sliprom.NewServer(s.addr, exporter.Mux())
	if err != nil {
		return nil, err
	}
	return p, nil
}

// pull is a pipeline that is scraped.
type pull struct {
	exporter *sliprom.Exporter
	server   *sliprom.Server // nil: the application serves the handler
	drain    time.Duration
	scrapers int
	served   chan error
}

func (p *pull) name() string                { return "prometheus" }
func (p *pull) reader() sdkmetric.Reader    { return p.exporter.Reader() }
func (p *pull) flush(context.Context) error { return nil } // each scrape takes what there is

func (p *pull) start() error {
	if p.server == nil {
		return nil
	}
	if err := p.server.Listen(); err != nil {
		return fmt.Errorf("pipeline %q: %w", p.name(), err)
	}
	go func() { p.served <- p.server.Serve() }()
	return nil
}

func (p *pull) addr() string {
	if p.server == nil {
		return ""
	}
	return p.server.Addr()
}

// awaitScrapes is the drain: it ends early when all scrapers came once more, and takes no more
// than half of the time that is left, so that the push pipelines have the other half.
func (p *pull) awaitScrapes(ctx context.Context) {
	if p.drain <= 0 {
		return
	}
	atMost := p.drain
	if deadline, ok := ctx.Deadline(); ok {
		atMost = min(atMost, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	_ = p.exporter.Drain(ctx, p.scrapers) // that nobody scraped is no fault of ours
}

func (p *pull) shutdown(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	if err := errors.Join(p.server.Shutdown(ctx)); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("pipeline %q: %w", p.name(), err)
	}
	return nil
}
