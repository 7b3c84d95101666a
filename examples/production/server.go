package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// drainTimeout is how long the requests that are running may take to end; it is less than
// OTELSLI_GRACE_PERIOD.
const drainTimeout = 15 * time.Second

// handleProbes answers the orchestrator where it sends the requests, too: the answer shows that this
// server is there. Probes are no requests of users, and not counted.
func handleProbes(mux *slihttp.Mux, telemetry *setup.Telemetry) {
	probes := mux.With(slihttp.RouteExcluded())
	probes.Handle("GET /readyz", telemetry.ReadyHandler())
	probes.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
}

// serve serves until ctx ends, and then lets the requests that are running end. Their contexts do
// not come from ctx: it would cut them short.
func serve(ctx context.Context, addr string, handler http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("shop: serving", "addr", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("shop: ending", "cause", context.Cause(ctx))
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		_ = server.Close() // cuts off what has not ended: it is counted as failed
		return fmt.Errorf("shop: requests were cut off: %w", err)
	}
	return nil
}
