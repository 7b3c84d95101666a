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

func serve(ctx context.Context) error {
	mux, err := slihttp.NewMux() // http.ServeMux whose routes are SLIs
	if err != nil {
		return err
	}
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		if err := place(r.Context(), "web", "gold"); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() { closed <- server.Shutdown(context.WithoutCancel(ctx)) })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed // when the last request has ended
}

func main() { // Prometheus scrapes :9464, and a collector gets the same by OTLP
	err := setup.Run(context.Background(), serve, setup.WithPrometheus(":9464"), setup.WithOTLP())
	if err != nil {
		log.Fatal(err)
	}
}
