package sliotlp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Few servers that expect TLS answer plaintext: most close the connection. After an http endpoint did
// so, the export tries a TLS handshake, accepting any certificate and sending no metric data; at most
// one every probeEvery.
const (
	probeWithin = time.Second
	probeEvery  = time.Minute
)

// A probe remembers the result of the last handshake.
type probe struct {
	mu    sync.Mutex
	at    time.Time
	found bool
}

// wantsTLS reports whether an attempt failed because the receiver speaks TLS.
func (e *exporter) wantsTLS(ctx context.Context, cause error) bool {
	if cause == nil || e.plan.url.Scheme != "http" {
		return false
	}
	text := cause.Error()
	for _, said := range []string{
		"HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port", // Go; nginx
		`malformed HTTP response "\x15\x03`, // an alert of TLS
	} {
		if strings.Contains(text, said) {
			return true
		}
	}
	if _, answered := errors.AsType[*answer](cause); answered || !hungUp(text) || e.proxied() {
		return false
	}
	return e.probe.speaksTLS(ctx, e.plan.url)
}

// hungUp reports whether an error means that the connection was closed before an answer came.
func hungUp(text string) bool {
	for _, part := range []string{"connection reset", "broken pipe", "EOF", "server preface", "forcibly closed"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// proxied reports whether there is a proxy in between, which may close connections for reasons of its
// own.
func (e *exporter) proxied() bool {
	u := *e.plan.url
	if e.plan.protocol == GRPC {
		u.Scheme = "https" // gRPC uses HTTPS_PROXY only
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &u})
	return proxy != nil || err != nil
}

func (p *probe) speaksTLS(ctx context.Context, u *url.URL) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() || time.Since(p.at) > probeEvery {
		p.found = handshakes(ctx, u)
		if p.found || ctx.Err() == nil { // otherwise there was no time to find out
			p.at = time.Now()
		}
	}
	return p.found
}

// handshakes reports whether a server speaks TLS, even if only to refuse.
func handshakes(ctx context.Context, u *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = "80"
	}
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"h2", "http/1.1"},
		InsecureSkipVerify: true, //nolint:gosec // no data is sent: this only detects TLS
	}}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return strings.Contains(err.Error(), "remote error: tls: ")
	}
	_ = conn.Close()
	return true
}
