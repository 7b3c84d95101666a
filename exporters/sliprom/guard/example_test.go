package guard_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
)

// try prints what a handler answers to an Authorization.
func try(h http.Handler, path, authorization string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Printf("%s %q: %d\n", path, authorization, w.Code)
}

var metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "sli_place_order_total 0\n")
})

// In the application's own mux, metrics alone are guarded.
func ExampleGuard_Wrap() {
	g, err := guard.New(
		guard.WithBearerTokens("new-token", "old-token"), // two, for a rotation
		guard.WithRateLimit(1, 2),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", g.Wrap(metrics))
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})

	try(mux, "/metrics", "")
	try(mux, "/metrics", "Bearer guess")
	try(mux, "/", "")
	for range 3 {
		try(mux, "/metrics", "Bearer new-token")
	}
	try(mux, "/metrics", "Bearer old-token") // its limits are its own
	// Output:
	// /metrics "": 401
	// /metrics "Bearer guess": 401
	// / "": 200
	// /metrics "Bearer new-token": 200
	// /metrics "Bearer new-token": 200
	// /metrics "Bearer new-token": 429
	// /metrics "Bearer old-token": 200
}

// A server that has nothing but metrics: what strangers do to its connections is bounded too.
func ExampleGuard_Protect() {
	g, err := guard.New(guard.WithUser("prometheus", "password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &http.Server{Addr: "127.0.0.1:9464", Handler: metrics}
	if err := g.Protect(server, "/healthz"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(server.ReadHeaderTimeout, server.MaxHeaderBytes)
	try(server.Handler, "/metrics", "")
	try(server.Handler, "/healthz", "")
	// Output:
	// 5s 8192
	// /metrics "": 401
	// /healthz "": 200
}

// Mistakes are told at once, without the secrets.
func ExampleNew() {
	_, err := guard.New(guard.WithBearerTokens("a token"), guard.WithUser("prometheus", ""))
	fmt.Println(err)
	// Output:
	// otelsli: guard: WithBearerTokens: token 1 is of more than visible ASCII: want visible ASCII characters, at most 4000 of them
	// otelsli: guard: WithUser("prometheus"): password is empty: want 1 to 2048 bytes
}
