package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// OrderLabels are the labels of the SLI "place_order".
type OrderLabels struct {
	Channel string
	Tier    string
}

var (
	channels = []string{"web", "app"}
	tiers    = []string{"gold", "free"}

	// placeOrder declares what "good" means for an order. Everything else follows from it.
	placeOrder = otelsli.MustNew(otelsli.Spec{
		Name:            "place_order",
		Description:     "A customer places an order.",
		FeatureCategory: "checkout",
		Owner:           "team-checkout",
		Threshold:       60 * time.Millisecond,
		Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.95},
	}, otelsli.Product2(channels, tiers, func(c, t string) OrderLabels { return OrderLabels{c, t} }))
)

var errPayment = errors.New("the payment provider does not answer")

// shopMux registers the routes. Each of them is exported at 0 before the first customer comes.
func shopMux() (http.Handler, error) {
	mux, err := slihttp.NewMux(
		slihttp.WithSpec(otelsli.Spec{
			FeatureCategory: "storefront",
			Owner:           "team-web",
			Threshold:       100 * time.Millisecond,
			Objective:       otelsli.Objective{Availability: 0.995, Apdex: 0.95},
		}),
		slihttp.WithMethods(http.MethodGet, http.MethodPost), // all others share one series
		slihttp.WithOTelHTTP("quickstart"),                   // the standard http.server.* metrics too
	)
	if err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /products", listProducts)
	mux.HandleFunc("GET /products/{id}", showProduct)
	mux.HandleFunc("POST /orders", createOrder)
	mux.With(slihttp.RouteThreshold(150*time.Millisecond)).HandleFunc("GET /recommendations", recommend)
	mux.With(slihttp.RouteStreaming()).HandleFunc("GET /orders/{id}/events", followOrder)
	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return mux, nil
}

func listProducts(w http.ResponseWriter, _ *http.Request) {
	work(2*time.Millisecond, 15*time.Millisecond)
	fmt.Fprintln(w, `[{"id":1,"name":"tea"},{"id":2,"name":"a cup"}]`)
}

// showProduct does not find one product in ten: the customer's mistake, which is ignored.
func showProduct(w http.ResponseWriter, r *http.Request) {
	work(time.Millisecond, 10*time.Millisecond)
	if id, err := strconv.Atoi(r.PathValue("id")); err != nil || id >= 100 {
		http.Error(w, "no such product", http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"id": r.PathValue("id")})
}

// recommend is slow: some of its answers exceed even its own threshold.
func recommend(w http.ResponseWriter, _ *http.Request) {
	work(20*time.Millisecond, 170*time.Millisecond)
	fmt.Fprintln(w, `[{"id":7}]`)
}

func createOrder(w http.ResponseWriter, r *http.Request) {
	var order OrderLabels
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !slices.Contains(channels, order.Channel) || !slices.Contains(tiers, order.Tier) {
		http.Error(w, "unknown channel or tier", http.StatusBadRequest) // never a label invented by a customer
		return
	}
	if err := place(r.Context(), order); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// place is the operation that the SLI "place_order" judges. One line is enough.
func place(ctx context.Context, order OrderLabels) (err error) {
	defer placeOrder.Start(ctx, order).End(&err)

	work(5*time.Millisecond, 65*time.Millisecond)
	if rand.IntN(100) < 2 {
		return errPayment
	}
	return nil
}

// followOrder streams for about a second. It is judged by the time to its first byte.
func followOrder(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	for _, state := range []string{"received", "packed", "sent"} {
		fmt.Fprintf(w, "event: state\ndata: %s\n\n", state)
		if err := control.Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// work takes between least and most.
func work(least, most time.Duration) { time.Sleep(least + rand.N(most-least)) }
