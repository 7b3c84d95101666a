package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// OrderLabels separate orders that may fail for different reasons.
type OrderLabels struct{ Channel string }

var placeOrder = otelsli.MustNew(otelsli.Spec{
	Name:            "place_order",
	Description:     "A customer places an order.",
	FeatureCategory: "checkout",
	Threshold:       300 * time.Millisecond,
	Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.95},
}, []OrderLabels{{"web"}, {"app"}})

// errSoldOut is not the service's fault, and does not burn its error budget.
var errSoldOut = errors.New("sold out")

// place takes as long as the payment does.
func place(ctx context.Context, channel string, payment time.Duration) (err error) {
	defer placeOrder.Start(ctx, OrderLabels{channel}).End(&err)
	if payment < 0 {
		return otelsli.Ignore(errSoldOut)
	}
	select {
	case <-time.After(payment):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// routes registers all routes before Run, so that all their series exist from the start.
func routes() (*slihttp.Mux, error) {
	mux, err := slihttp.NewMux(slihttp.WithSpec(otelsli.Spec{
		Description: "A request to the shop.",
		Threshold:   time.Second,
		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}))
	if err != nil {
		return nil, err
	}
	mux.HandleFunc("POST /orders/{channel}", handleOrder)
	return mux, nil
}

func handleOrder(w http.ResponseWriter, r *http.Request) {
	channel := r.PathValue("channel")
	if channel != "web" && channel != "app" { // only what is declared becomes a label
		http.Error(w, "unknown channel", http.StatusNotFound)
		return
	}
	payment, err := time.ParseDuration(r.FormValue("payment"))
	if err != nil {
		http.Error(w, "payment takes a duration", http.StatusBadRequest)
		return
	}
	switch err := place(r.Context(), channel, payment); {
	case errors.Is(err, errSoldOut):
		http.Error(w, "sold out", http.StatusConflict)
	case err != nil:
		http.Error(w, "cannot place the order", http.StatusServiceUnavailable)
	}
}
