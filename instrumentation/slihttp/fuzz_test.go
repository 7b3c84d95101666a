package slihttp

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Mux takes exactly the patterns that ServeMux takes, and counts by the pattern's own method.
func FuzzPattern(f *testing.F) {
	for _, p := range []string{
		"/", "GET /orders/{id}", "GET  /x", "GET\t/x/{$}", "example.com/", "POST example.com/{rest...}",
		"", " ", "GET", "GET /x y", "{x}/", "/{", "/{x}/{x}", "/\xff", "unmatched", "_OTHER /x", "/a//b",
	} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		mux, err := NewMux(WithCatalog(otelsli.NewCatalog()), WithMethods("GET"))
		if err != nil {
			t.Fatal(err)
		}
		var plain http.ServeMux
		want := panics(func() { plain.HandleFunc(pattern, http.NotFound) })
		if got := panics(func() { mux.HandleFunc(pattern, http.NotFound) }); got != want {
			t.Fatalf("Handle(%q) panics: %t, that of ServeMux: %t", pattern, got, want)
		}
		key := splitPattern(pattern)
		rt := mux.core.rec.lookup(key)
		switch {
		case want && rt != nil:
			t.Errorf("the invalid pattern %q is a route", pattern)
		case rt == nil: // invalid, or no label, which is reported
		case key.Method == "" && len(rt.combinations()) != 2:
			t.Errorf("%q has the series %v, want those of GET and the other methods", pattern, rt.combinations())
		case key.Method != "" && !slices.Equal(rt.combinations(), []Labels{key}):
			t.Errorf("%q has the series %v, want %v", pattern, rt.combinations(), key)
		}
	})
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

// What otelhttp gets as server name leaves it nothing to take from the Host header.
func FuzzServerName(f *testing.F) {
	for _, name := range []string{"", "shop", "shop:80", "shop:", ":80", "[::1]", "::1", "[::1]:80", "a]b", "http://x", "x:y"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := serverName(name)
		if err != nil {
			return
		}
		host, port, err := net.SplitHostPort(got)
		if err != nil || host == "" {
			t.Fatalf("%q becomes %q: host %q, %v", name, got, host, err)
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			t.Errorf("%q becomes %q: port %q", name, got, port)
		}
	})
}
