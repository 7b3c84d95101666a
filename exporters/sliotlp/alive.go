package sliotlp

import (
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
)

// A connection of HTTP/2, which that of gRPC is too, outlives the exports that time out on it. Where the
// other side is gone without a word (its host was switched off, a firewall has forgotten the
// connection), TCP takes a quarter of an hour to notice, and until then every export fails on it. So
// an export that has had no answer for aliveAfter asks whether anybody is there, and the connection is
// closed where nobody says so within aliveWithin. (One of HTTP/1 ends with the request that times out.)
const (
	aliveAfter  = 10 * time.Second // the least that gRPC allows
	aliveWithin = 5 * time.Second
)

// keepAlive asks only while an export runs: servers allow few such questions on a connection that
// carries nothing.
func keepAlive() grpc.DialOption {
	return grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: aliveAfter, Timeout: aliveWithin})
}

// http2Alive is keepAlive for HTTP/2.
func http2Alive() *http.HTTP2Config {
	return &http.HTTP2Config{SendPingTimeout: aliveAfter, PingTimeout: aliveWithin}
}

// reconnect bounds the pause between two attempts to connect as that between two attempts to export,
// and an attempt as an export. gRPC's own pause grows to two minutes, in which a receiver that is back
// long since would get nothing.
func (p plan) reconnect() grpc.DialOption {
	pauses := backoff.DefaultConfig
	pauses.MaxDelay = p.retry.Max
	pauses.BaseDelay = min(pauses.BaseDelay, p.retry.Max)
	return grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: p.timeout})
}
