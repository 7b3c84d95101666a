// Minimal is the program that the README shows.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

type OrderLabels struct{ Channel, Tier string }

// What "good" means, next to the code that it judges.
var placeOrder = otelsli.MustNew(otelsli.Spec{
	Name:      "place_order",
	Threshold: 300 * time.Millisecond,
	Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.95},
}, []OrderLabels{{"web", "gold"}, {"web", "free"}, {"app", "gold"}, {"app", "free"}})

func place(ctx context.Context, channel, tier string) (err error) {
	defer placeOrder.Start(ctx, OrderLabels{channel, tier}).End(&err) // errors, latency, panics
	return nil                                                        // your code
}

func routes() (http.Handler, error) {
	mux, err := slihttp.NewMux(slihttp.WithSpec(otelsli.Spec{Threshold: time.Second})) // a ServeMux whose routes are SLIs
	if err != nil {
		return nil, err
	}
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		if err := place(r.Context(), "web", "gold"); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	return mux, nil
}

func serve(ctx context.Context, handler http.Handler) error {
	server := &http.Server{Addr: ":8080", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() { // SIGTERM: let the last requests end
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		closed <- server.Shutdown(ctx)
	})
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

func main() {
	handler, err := routes() // before Run, so that the first export has every route
	if err != nil {
		log.Fatal(err)
	}
	err = setup.Run(context.Background(), func(ctx context.Context) error { return serve(ctx, handler) },
		setup.WithPrometheus(":9464"), // Prometheus scrapes here
		setup.WithOTLP(),              // and a collector gets the same
	)
	if err != nil {
		log.Fatal(err)
	}
}
