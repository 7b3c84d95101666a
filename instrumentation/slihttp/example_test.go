package slihttp_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func getOrder(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "an order") }
func placeOrder(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusInternalServerError)
}
func events(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "data: shipped\n\n") }
func healthz(http.ResponseWriter, *http.Request)    {}

func ExampleNewMux() {
	mux, err := slihttp.NewMux(
		slihttp.WithCatalog(otelsli.NewCatalog()), // most services leave this out
		slihttp.WithSpec(otelsli.Spec{
			Threshold: 300 * time.Millisecond,
			Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.99},
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	mux.HandleFunc("GET /orders/{id}", getOrder)
	mux.With(slihttp.RouteThreshold(2*time.Second)).HandleFunc("POST /orders", placeOrder)
	mux.With(slihttp.RouteStreaming()).HandleFunc("GET /events", events)
	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", healthz)

	// Every route is now there at 0, before its first request.
	get, post := httptest.NewRequest("GET", "/orders/7", nil), httptest.NewRequest("POST", "/orders", nil)
	mux.ServeHTTP(httptest.NewRecorder(), get)
	mux.ServeHTTP(httptest.NewRecorder(), post)

	for _, l := range []slihttp.Labels{{Method: "GET", Route: "/orders/{id}"}, {Method: "POST", Route: "/orders"}, {Method: "GET", Route: "/events"}} {
		n := mux.SLI().With(l).Counts()
		fmt.Println(l.Method, l.Route, "total", n.Total(), "failed", n[otelsli.Failed])
	}
	// Output:
	// GET /orders/{id} total 1 failed 0
	// POST /orders total 1 failed 1
	// GET /events total 0 failed 0
}

func ExampleMux_With() {
	mux, err := slihttp.NewMux(slihttp.WithCatalog(otelsli.NewCatalog()))
	if err != nil {
		log.Fatal(err)
	}
	slow := mux.With(slihttp.RouteThreshold(5 * time.Second))
	slow.HandleFunc("GET /reports/{year}", getOrder)
	slow.HandleFunc("GET /exports/{id}", getOrder)

	fmt.Println(mux.SLI().With(slihttp.Labels{Method: "GET", Route: "/exports/{id}"}).Threshold())
	// Output: 5s
}

// Middleware works with any router: here another ServeMux, whose routes are declared by hand.
func ExampleRecorder_Middleware() {
	requests, err := slihttp.New(slihttp.WithCatalog(otelsli.NewCatalog()))
	if err != nil {
		log.Fatal(err)
	}
	if err := requests.Declare("GET /orders/{id}", slihttp.RouteThreshold(time.Second)); err != nil {
		log.Fatal(err)
	}
	router := http.NewServeMux()
	router.HandleFunc("GET /orders/{id}", getOrder)
	handler := requests.Middleware(router)

	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/orders/7", nil))
	fmt.Println(requests.SLI().With(slihttp.Labels{Method: "GET", Route: "/orders/{id}"}).Counts().Total())
	// Output: 1
}

// otelhttp adds spans and the standard http.server.* metrics for the same requests.
func ExampleWithOTelHTTP() {
	mux, err := slihttp.NewMux(
		slihttp.WithCatalog(otelsli.NewCatalog()),
		slihttp.WithOTelHTTP("shop.example.com"),
	)
	if err != nil {
		log.Fatal(err)
	}
	mux.HandleFunc("GET /orders/{id}", getOrder)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/orders/7", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 200 an order
}

// A broken link is the service's own fault; everything else is judged as by default.
func ExampleClassify() {
	classifier := func(e slihttp.Event) otelsli.Outcome {
		if e.Status == http.StatusNotFound && e.Route == "/assets/{file}" {
			return otelsli.Failed
		}
		return slihttp.Classify(e)
	}
	mux, err := slihttp.NewMux(slihttp.WithCatalog(otelsli.NewCatalog()), slihttp.WithClassifier(classifier))
	if err != nil {
		log.Fatal(err)
	}
	mux.HandleFunc("GET /assets/{file}", http.NotFound)
	mux.HandleFunc("GET /orders/{id}", http.NotFound)
	for _, path := range []string{"/assets/logo.svg", "/orders/7"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	fmt.Println(mux.SLI().With(slihttp.Labels{Method: "GET", Route: "/assets/{file}"}).Counts()[otelsli.Failed])
	fmt.Println(mux.SLI().With(slihttp.Labels{Method: "GET", Route: "/orders/{id}"}).Counts()[otelsli.Ignored])
	// Output:
	// 1
	// 1
}
