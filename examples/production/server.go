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

// drainTimeout is how long running requests may take to finish; it is less than
// OTELSLI_GRACE_PERIOD.
const drainTimeout = 15 * time.Second

// handleProbes serves the orchestrator's probes on the port that receives the requests: an answer
// shows that this server is up. Probes are not user requests and are not counted.
func handleProbes(mux *slihttp.Mux, telemetry *setup.Telemetry) {
	probes := mux.With(slihttp.RouteExcluded())
	probes.Handle("GET /readyz", telemetry.ReadyHandler())
	probes.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
}

// serve serves until ctx ends, and then lets running requests finish. Their contexts do not derive
// from ctx, which would cut them short.
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
		_ = server.Close() // cuts off unfinished requests, which count as failed
		return fmt.Errorf("shop: requests were cut off: %w", err)
	}
	return nil
}
