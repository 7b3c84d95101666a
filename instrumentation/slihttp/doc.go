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
// # Which to choose
//
//   - [NewMux] in place of [http.NewServeMux]: it knows its routes, so that each is exported at 0
//     from its registration on.
//
//   - [New] and [Recorder.Middleware] around any other router, with [Recorder.Declare] for the
//     routes that it knows. The route of a request is the Pattern that the router leaves in it, or
//     what [WithRoute] finds.
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
// The 404s of a router that chi has mounted have the route of the mount, such as "/admin/*". If that
// is not declared, they are counted as undeclared.
//
// A router whose handlers cannot be reached by WithRoute, such as gin, can set the Pattern by a
// middleware of its own: c.Request.Pattern = c.FullPath().
//
// # What is counted
//
// A 5xx, a 429 and a panic are failures; other 4xx are ignored, for they are the client's fault. A
// client that goes away is ignored within the threshold and a failure after it. [Classify] says
// precisely, [WithClassifier] and [RouteClassifier] change it. A panic is counted and goes on, with
// its stack.
//
// Set a threshold, in the spec or by [RouteThreshold]: it is what makes a hung service visible.
// Without one, nothing tells a client that gave up waiting from one that lost interest. All of them
// are ignored, and a service that answers nobody has no failure.
//
// Latency is how long the handler ran; for streams, see [RouteStreaming] and [WithStreaming], it is
// the time to the first byte, and for a hijacked connection the time to the hijack.
//
// A handler that outlives the WriteTimeout of its server still looks fine from here, if its response
// was small enough to be buffered: net/http sends it, in vain, when the handler has returned. Under
// HTTP/2 it looks as if its client had gone, and so does a stream behind otelhttp, which drops the
// errors of flushing. Give the handler a deadline that is shorter, by [http.TimeoutHandler] or its
// context.
//
// # Labels
//
// Both labels are bounded. The route is the pattern, never the path of the request; a request that
// no route took, a 404 or 405, has the route [Unmatched]. The method is that of the pattern; where
// the pattern takes any, the methods of [WithMethods] are told apart and the rest is [OtherMethod].
// HEAD requests that a GET pattern answers are counted as GET.
//
// # Nesting
//
// Muxes and Middlewares may be nested, also through [http.StripPrefix] (see [WithRoutePrefix]) and
// middleware that wraps the http.ResponseWriter, as long as the wrapper has an Unwrap method. Those
// of one SLI count a request once: the outermost measures, the innermost gives the route. The
// writer of [http.TimeoutHandler] cannot be unwrapped: exclude its route in the outer mux and the
// inner one counts.
//
// # Standard metrics
//
// [WithOTelHTTP] adds spans and http.server.* by otelhttp, with the right http.route, and without
// letting clients choose server.address and server.port.
//
// # The writer
//
// Handlers find the optional interfaces of the server's http.ResponseWriter in the one that they
// get: [http.Flusher], [http.Hijacker], [http.Pusher], [io.ReaderFrom] (with sendfile) and, through
// [http.ResponseController], deadlines and full duplex, under HTTP/1 and HTTP/2. Behind a middleware
// whose writer has only an Unwrap method, a ResponseController can flush and hijack too, and the clock
// sees it.
//
// # Concurrency and cost
//
// Everything may be used by several goroutines at once; routes may be registered while serving. A
// request costs one allocation of 96 bytes, two reads of the clock, with one more at the first byte
// where a response may be a stream or a classifier may ask, and one map lookup for a declared route:
// less than a tenth of what otelhttp costs.
package slihttp
