package sliotlp

import (
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
)

// An HTTP/2 connection, which gRPC uses too, outlives the exports that time out on it. If the peer
// disappears silently (its host was switched off, a firewall has forgotten the connection), TCP takes a
// quarter of an hour to notice, and until then every export on the connection fails. An export that has
// had no answer for aliveAfter therefore sends a ping, and the connection is closed if no answer comes
// within aliveWithin. (An HTTP/1 connection ends with the request that times out.)
const (
	aliveAfter  = 10 * time.Second // the minimum that gRPC allows
	aliveWithin = 5 * time.Second
)

// keepAlive pings only while an export runs: servers limit pings on an idle connection.
func keepAlive() grpc.DialOption {
	return grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: aliveAfter, Timeout: aliveWithin})
}

// http2Alive is keepAlive for HTTP/2.
func http2Alive() *http.HTTP2Config {
	return &http.HTTP2Config{SendPingTimeout: aliveAfter, PingTimeout: aliveWithin}
}

// reconnect limits the pause between two connection attempts to that between two export attempts, and a
// connection attempt to the timeout of an export. gRPC's own pause grows to two minutes, during which a
// receiver that is back would get nothing.
func (p plan) reconnect() grpc.DialOption {
	pauses := backoff.DefaultConfig
	pauses.MaxDelay = p.retry.Max
	pauses.BaseDelay = min(pauses.BaseDelay, p.retry.Max)
	return grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: p.timeout})
}
