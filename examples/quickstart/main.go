// The quickstart is a small shop with service level indicators, simulated customers, and a live
// table of the SLIs. It needs no server:
//
//	go run ./examples/quickstart
//
// While it runs, Prometheus can scrape http://127.0.0.1:9464/metrics, and /slis.json lists what the
// shop declares. With OTEL_EXPORTER_OTLP_ENDPOINT set, it also pushes over OTLP.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

type flags struct {
	addr    string
	metrics string
	load    int
	runFor  time.Duration
	drain   time.Duration
	refresh time.Duration
	output  string
}

func parseFlags() (flags, error) {
	var f flags
	flag.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address of the shop")
	flag.StringVar(&f.metrics, "metrics", "127.0.0.1:9464", "address of /metrics, /slis.json and /healthz")
	flag.IntVar(&f.load, "load", 50, "requests per second that visit the shop; 0 is none")
	flag.DurationVar(&f.runFor, "for", 0, "how long to run; 0 is until Ctrl-C")
	flag.DurationVar(&f.drain, "drain", 0, "how long to wait at the end for Prometheus to scrape once more")
	flag.DurationVar(&f.refresh, "refresh", time.Second, "time between two refreshes of the table")
	flag.StringVar(&f.output, "o", "table", "output: table, or json for one object a refresh")
	flag.Parse()
	switch {
	case f.load < 0 || f.load > 5000:
		return f, fmt.Errorf("-load is %d: want 0 to 5000 requests per second", f.load)
	case f.runFor < 0:
		return f, fmt.Errorf("-for is %v: want a positive duration such as 5s, or 0 until Ctrl-C", f.runFor)
	case f.refresh <= 0:
		return f, fmt.Errorf("-refresh is %v: want a positive duration such as 1s", f.refresh)
	case f.output != "table" && f.output != "json":
		return f, fmt.Errorf("-o is %q: want table or json", f.output)
	case flag.NArg() > 0:
		return f, fmt.Errorf("unexpected argument %q: flags begin with -", flag.Arg(0))
	}
	return f, nil
}

func main() {
	f, err := parseFlags()
	if err == nil {
		err = run(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// shutdownTimeout is short, so that the example ends within 5 seconds even if a backend is down.
const shutdownTimeout = 2500 * time.Millisecond

func run(f flags) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	mux, err := shopMux()        // before Start, so that the first scrape has every route
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return fmt.Errorf("open the shop: %w: choose another address by -addr", err)
	}
	exported := &lastExport{}
	telemetry, err := setup.Start(ctx, options(f, exported)...)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s := newScreen(os.Stdout, f.output == "json", hints(f, listener.Addr(), telemetry.PrometheusAddr()))
	serveErr := serve(ctx, f, listener, mux, s)

	shutdownCtx, cancel := context.WithTimeout(context.Background(), shutdownTimeout+f.drain)
	defer cancel()
	shutdownErr := telemetry.Shutdown(shutdownCtx)
	s.final(report(otelsli.Default()))
	return errors.Join(serveErr, shutdownErr, check(s, exported, shutdownErr == nil))
}

// check reports how the last export compares with what the shop counted.
func check(s *screen, exported *lastExport, delivered bool) error {
	names := exported.differs(otelsli.Default())
	switch {
	case !exported.used():
		s.say("OTEL_SDK_DISABLED is set: nothing was exported.")
	case len(names) > 0:
		return fmt.Errorf("the last export differs from the totals in %v", names)
	case !delivered:
		s.say("The check within this process got these totals; another backend did not:")
	default:
		s.say("The last export equals these totals: nothing was lost.")
	}
	return nil
}

// options are those of a real service, apart from the exporter that is checked at the end.
func options(f flags, exported *lastExport) []setup.Option {
	options := []setup.Option{
		setup.WithService("quickstart", ""),
		// New series report 0 for a while, so that a scraper sees them at 0 first. You will look
		// with curl, and sooner.
		setup.WithPrometheus(f.metrics, sliprom.WithHold(2*time.Second)),
		setup.WithExporter("check", exported),
		setup.WithScrapeDrain(f.drain, 1),
	}
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")+os.Getenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") != "" {
		options = append(options, setup.WithOTLP())
	}
	return options
}

// hints lists where to look while the shop runs.
func hints(f flags, shop net.Addr, metrics string) []string {
	lines := []string{"Look next:"}
	if metrics == "" {
		lines = []string{"OTEL_SDK_DISABLED is set: nothing is exported."}
	} else {
		lines = append(lines,
			fmt.Sprintf("  curl -s http://%s/metrics | grep ^sli_   # what Prometheus scrapes", metrics),
			fmt.Sprintf("  curl -s http://%s/slis.json              # what the shop declared", metrics))
	}
	if f.load == 0 {
		lines = append(lines, fmt.Sprintf("  curl -s http://%s/products               # be a customer", shop))
	}
	return lines
}

// serve runs the shop, its load and the screen until ctx ends or the time is up, and the last
// request has finished.
func serve(ctx context.Context, f flags, listener net.Listener, mux http.Handler, s *screen) error {
	if f.runFor > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.runFor)
		defer cancel()
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	var load sync.WaitGroup
	load.Go(func() { generate(ctx, "http://"+listener.Addr().String(), f.load) })
	s.start()
	ticker := time.NewTicker(f.refresh)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case err := <-failed:
			return fmt.Errorf("serve the shop: %w", err)
		case <-ticker.C:
			s.refresh(report(otelsli.Default()))
		}
	}
	load.Wait()
	shutdownCtx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := server.Shutdown(shutdownCtx); err != nil {
		return fmt.Errorf("close the shop: %w", err)
	}
	return nil
}
