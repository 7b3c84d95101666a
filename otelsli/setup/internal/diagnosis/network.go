package diagnosis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// wrongProtocol recognises what one side reports when the other speaks a different protocol.
func wrongProtocol(err error, text string) (Diagnosis, bool) {
	switch {
	case is[tls.RecordHeaderError](err), has(text, "server gave HTTP response to HTTPS client", "first record does not look like a TLS handshake"):
		return Diagnosis{"the receiver does not speak TLS", "write http:// in the endpoint, or the port that has TLS"}, true
	case has(text, "the receiver speaks TLS"):
		return Diagnosis{"the receiver speaks TLS", "write https:// in the endpoint, for it wants TLS"}, true
	case has(text, "malformed HTTP response", "readLoopPeekFailLocked: %!w(<nil>)", "malformed HTTP version", "malformed HTTP status"):
		return Diagnosis{"the receiver does not speak HTTP", "a gRPC receiver needs the protocol grpc; its usual port is 4317, that of HTTP 4318"}, true
	case has(text, "error reading server preface", "unexpected HTTP status code received from server", "transport: received unexpected content-type"):
		return Diagnosis{"the receiver does not speak gRPC as it is asked", "an HTTP receiver needs the protocol http/protobuf, usually at port 4318; a receiver with TLS needs https://"}, true
	}
	return Diagnosis{}, false
}

const wantAuthority = "name a PEM file with the authority in OTEL_EXPORTER_OTLP_CERTIFICATE, or OTELSLI_GRAPHITE_CERTIFICATE for Graphite"

func ofTLS(err error, text string) (Diagnosis, bool) {
	switch {
	case is[x509.UnknownAuthorityError](err), has(text, "signed by unknown authority"):
		return Diagnosis{"TLS: certificate of an unknown authority", wantAuthority}, true
	case is[x509.HostnameError](err), has(text, "x509: certificate is valid for", "IP SANs", "x509: certificate is not valid for any names"):
		return Diagnosis{"TLS: certificate of another name", "use the name in the receiver's certificate as the host of the endpoint"}, true
	case has(text, "certificate has expired or is not yet valid"):
		return Diagnosis{"TLS: certificate expired, or not valid yet", "renew the receiver's certificate, or set the clock"}, true
	case has(text, "tls: certificate required", "tls: bad certificate", "tls: unknown certificate"):
		return Diagnosis{"TLS: the receiver wants another client certificate", "name one in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and its key in …_CLIENT_KEY"}, true
	case has(text, "tls: ", "x509: "):
		return Diagnosis{"TLS: the handshake failed", "compare the versions and certificates of both sides"}, true
	}
	return Diagnosis{}, false
}

func ofNetwork(err error, text string) (Diagnosis, bool) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), has(text, "connection refused"):
		return Diagnosis{"refused", "nobody listens there: is the receiver running, and is the port right? (OTLP has 4317 for gRPC and 4318 for HTTP, Graphite 2003.)"}, true
	case errors.Is(err, syscall.EADDRINUSE):
		return Diagnosis{"the address is in use", "another process listens there, perhaps the service itself: choose another port"}, true
	case errors.Is(err, syscall.EACCES):
		return Diagnosis{"not allowed", "ports below 1024 need a privilege: choose another one"}, true
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return Diagnosis{"not an address of this machine", "choose one that it has, or none for all of them"}, true
	case is[*net.DNSError](err), has(text, "no such host", "produced zero addresses"):
		return Diagnosis{"no such host", "look for a misspelling; in Kubernetes the name may need its namespace"}, true
	case has(text, "no route to host", "network is unreachable"):
		return Diagnosis{"no way there", "look at routes, network policies and the address"}, true
	}
	return Diagnosis{}, false
}

func tooLate(err error, text string) (Diagnosis, bool) {
	var timeout net.Error
	late := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		status.Code(err) == codes.DeadlineExceeded || errors.As(err, &timeout) && timeout.Timeout() ||
		has(text, "context deadline exceeded")
	switch {
	case late:
		return Diagnosis{"no answer in time", "look at firewalls and network policies on the way; a receiver that hangs looks the same"}, true
	case has(text, "connection reset", "broken pipe", "server closed idle connection", "EOF"):
		return Diagnosis{"the receiver hung up", "it may speak another protocol, or TLS; its own log says more"}, true
	case errors.Is(err, context.Canceled):
		return Diagnosis{Result: "cancelled"}, true
	}
	return Diagnosis{}, false
}
