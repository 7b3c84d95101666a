package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

// pullName is the name of the one pipeline that is scraped.
const pullName = "prometheus"

// prometheusSpec is WithPrometheus and WithPrometheusHandler.
type prometheusSpec struct {
	addr    string
	listen  bool
	options []sliprom.Option
	guard   *guard.Guard // nil: everyone may scrape
}

func (s *prometheusSpec) name() string                  { return pullName }
func (s *prometheusSpec) number(int) bool               { return false }
func (s *prometheusSpec) discard(context.Context) error { return nil }

func (s *prometheusSpec) resolve(_ context.Context, cfg *config) error {
	return errors.Join(s.resolveAddr(cfg), s.resolveGuard(cfg))
}

func (s *prometheusSpec) resolveAddr(cfg *config) error {
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
		if s.listen && !isHost(host) {
			cfg.env.wrong("OTEL_EXPORTER_PROMETHEUS_HOST", host, `a name or an address alone, such as "0.0.0.0" or "::1"`)
			return nil
		}
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

// isHost reports whether text may be a host: without a port, scheme or brackets.
func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil || !strings.ContainsAny(text, ":/[]")
}

func (s *prometheusSpec) build(_ context.Context, cfg *config) (pipeline, error) {
	options := append([]sliprom.Option{
		sliprom.WithLogger(cfg.logger),
		sliprom.WithScrapeObserver(cfg.observer.watchScrapes()),
	}, s.options...)
	exporter, err := sliprom.New(cfg.catalog, options...)
	if err != nil {
		return nil, err
	}
	p := &pull{exporter: exporter, guard: s.guard, watch: cfg.observer.scrapes, drain: cfg.drain, scrapers: cfg.scrapers, logger: cfg.logger}
	if !s.listen {
		return p, nil
	}
	p.server, err = sliprom.NewServer(s.addr, exporter.Mux(cfg.observer.pages()...),
		sliprom.WithLogger(cfg.logger), sliprom.WithGuard(s.guard, publicPaths...))
	if err != nil {
		return nil, err
	}
	s.warnIfOpen(cfg)
	return p, nil
}

// warnIfOpen warns once if an address is open to other machines, unless code has said that this is
// intended.
func (s *prometheusSpec) warnIfOpen(cfg *config) {
	meant := cfg.guarded || s.guard != nil && s.guard.Authenticates() // limits alone, set by variables, keep nobody out
	if !meant && !isLoopback(s.addr) {
		cfg.logger.Warn("otelsli: everybody who can connect can read /metrics: see WithPrometheusGuard and OTELSLI_PROMETHEUS_BEARER_TOKEN",
			"pipeline", s.name(), "address", s.addr)
	}
}

// pull is a pipeline that is scraped.
type pull struct {
	exporter *sliprom.Exporter
	guard    *guard.Guard // nil: everyone may scrape
	watch    *scrapeWatch
	server   *sliprom.Server // nil: the application serves the handler
	drain    time.Duration
	scrapers int
	logger   *slog.Logger
	served   chan struct{} // closed when the server has ended; nil before it starts
}

func (p *pull) name() string                { return pullName }
func (p *pull) reader() sdkmetric.Reader    { return p.exporter.Reader() }
func (p *pull) health() PipelineHealth      { return p.watch.health(p.addr()) }
func (p *pull) flush(context.Context) error { return nil } // each scrape collects

// prepare binds the address. Connections made now are answered after start.
func (p *pull) prepare(context.Context, metric.MeterProvider) error {
	if p.server == nil {
		return nil
	}
	if err := p.server.Listen(); err != nil {
		return fmt.Errorf("pipeline %q: %w", p.name(), err)
	}
	return nil
}

func (p *pull) start() {
	if p.server == nil {
		return
	}
	p.served = make(chan struct{})
	go func() {
		defer close(p.served)
		if err := p.server.Serve(); err != nil {
			p.logger.Error("otelsli: /metrics is not served any more", "pipeline", p.name(), "error", err)
		}
	}()
}

// handler serves only the metrics, to those who may scrape.
func (p *pull) handler() http.Handler {
	if p.guard == nil {
		return p.exporter.Handler()
	}
	return p.guard.Wrap(p.exporter.Handler())
}

func (p *pull) addr() string {
	if p.server == nil {
		return ""
	}
	return p.server.Addr()
}

// awaitScrapes ends the hold of new series, because there may be no later scrape, and waits for the
// drain. The drain ends early once all scrapers have come once more. It leaves the push pipelines
// the time they have without a drain, or half of the remaining time if that is less.
func (p *pull) awaitScrapes(ctx context.Context) {
	scrapers := p.scrapers
	if p.drain <= 0 {
		scrapers = 0
	}
	atMost := p.drain
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		atMost = min(atMost, left-min(left/2, DefaultShutdownTimeout))
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	if err := p.exporter.Drain(ctx, scrapers); err != nil {
		p.logger.Info("otelsli: not everybody scraped the final values", "pipeline", p.name(), "error", err)
	}
}

func (p *pull) shutdown(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	if err := p.server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("pipeline %q: %w", p.name(), err)
	}
	if p.served != nil {
		<-p.served
	}
	return nil
}
