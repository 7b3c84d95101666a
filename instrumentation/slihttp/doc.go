// Package slihttp counts the requests of a net/http server into a Service Level Indicator, by
// method and route.
//
//	mux, err := slihttp.NewMux(slihttp.WithSpec(otelsli.Spec{
//		Threshold: 300 * time.Millisecond,
//		Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.99},
//	}))
//	…
//	mux.HandleFunc("GET /orders/{id}", getOrder)
//	mux.With(slihttp.RouteThreshold(2*time.Second)).HandleFunc("POST /orders", placeOrder)
//	mux.With(slihttp.RouteStreaming()).HandleFunc("GET /events", events)
//	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", healthz)
//
// The SLI is "http_server" unless the spec names another.
//
// # Mux or Middleware
//
//   - [NewMux] in place of [http.NewServeMux]: it knows its routes, so each is exported at 0 from
//     its registration.
//
//   - [New] and [Recorder.Middleware] around any other router, with [Recorder.Declare] for the
//     routes it knows. The route of a request is the Pattern that the router sets in it, or what
//     [WithRoute] returns.
//
// With chi, for instance:
//
//	requests, err := slihttp.New(slihttp.WithRoute(func(r *http.Request) string {
//		return chi.RouteContext(r.Context()).RoutePattern()
//	}))
//	…
//	router.Use(requests.Middleware)
//	…
//	err = chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
//		return requests.Declare(method + " /" + strings.Trim(route, "/")) // RoutePattern has no slash at the end
//	})
//
// The 404s of a router mounted in a chi router have the route of the mount, such as "/admin/*". If
// that is not declared, they are counted as undeclared.
//
// For a router whose route WithRoute cannot find, such as gin's, set the Pattern in a middleware:
// c.Request.Pattern = c.FullPath().
//
// # What is counted
//
// 5xx, 429 and panics are failures; other 4xx are ignored, because they are the client's fault. A
// client that goes away is ignored within the threshold and a failure after it. [Classify] has the
// exact rules; [WithClassifier] and [RouteClassifier] replace them. A panic is counted and
// propagates with its stack.
//
// Set a threshold, in the spec or with [RouteThreshold]: it is what makes a hung service visible.
// Without one, a client that gave up waiting looks the same as one that lost interest. Both are
// ignored, and a service that never answers has no failures.
//
// Latency is how long the handler ran. For streams, see [RouteStreaming] and [WithStreaming], it is
// the time to the first byte, and for a hijacked connection the time to the hijack.
//
// A handler that outlives its server's WriteTimeout still looks fine here if its response was small
// enough to be buffered: net/http sends it, in vain, after the handler has returned. Under HTTP/2
// it looks as if the client had gone, and so does a stream behind otelhttp, which drops flush
// errors. Give the handler a shorter deadline, with [http.TimeoutHandler] or its context.
//
// # Labels
//
// Both labels are bounded. The route is the pattern, never the path of the request; requests that
// matched no route, 404 and 405, have the route [Unmatched]. The method is that of the pattern. If
// the pattern accepts any method, those of [WithMethods] are counted separately and the rest as
// [OtherMethod]. HEAD requests served by a GET pattern are counted as GET.
//
// # Nesting
//
// Muxes and Middlewares may be nested, also through [http.StripPrefix] (see [WithRoutePrefix]) and
// through middleware that wraps the http.ResponseWriter, if the wrapper has an Unwrap method.
// Nested ones of the same SLI count a request once: the outermost measures it, the innermost gives
// the route. The writer of [http.TimeoutHandler] cannot be unwrapped: exclude its route in the
// outer mux, and the inner one counts.
//
// # Standard metrics
//
// [WithOTelHTTP] adds spans and the http.server.* metrics from otelhttp, with the right http.route,
// and without letting clients choose server.address and server.port.
//
// # The writer
//
// The http.ResponseWriter passed to handlers has the same optional interfaces as the server's:
// [http.Flusher], [http.Hijacker], [http.Pusher], [io.ReaderFrom] (with sendfile) and, through
// [http.ResponseController], deadlines and full duplex, under HTTP/1 and HTTP/2. Behind a
// middleware whose writer has only an Unwrap method, a ResponseController can also flush and
// hijack, and latency is still measured.
//
// # Concurrency and cost
//
// Everything is safe for concurrent use; routes may be registered while serving. A request costs
// one allocation of 96 bytes, one map lookup for a declared route, and two clock reads, plus one at
// the first byte if the response may be a stream or a classifier may ask for it: less than a tenth
// of the cost of otelhttp.
package slihttp
