package diagnosis

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

const (
	wantLogin = "look at the credentials in the headers: the scheme (Basic or Bearer), the token, and what it may do"
	wantPath  = "look at the path: /v1/metrics is appended to OTEL_EXPORTER_OTLP_ENDPOINT, and not to OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	wantLess  = "the receiver is busy or limits the rate: try again, or export less often"
)

var httpAdvice = map[int]string{
	http.StatusBadRequest:            "the receiver does not read what was sent: is it one for OTLP metrics?",
	http.StatusUnauthorized:          wantLogin,
	http.StatusForbidden:             wantLogin,
	http.StatusProxyAuthRequired:     "HTTPS_PROXY needs a user and a password",
	http.StatusNotFound:              wantPath,
	http.StatusMethodNotAllowed:      wantPath,
	http.StatusRequestEntityTooLarge: "raise the receiver's limit",
	http.StatusUnsupportedMediaType:  "the receiver does not take protobuf: is it one for OTLP?",
	http.StatusTooManyRequests:       wantLess,
	http.StatusBadGateway:            "a proxy before the receiver cannot reach it",
	http.StatusServiceUnavailable:    wantLess,
	http.StatusGatewayTimeout:        "a proxy before the receiver gets no answer from it",
}

func httpStatus(err error, _ string) (Diagnosis, bool) {
	failure, ok := errors.AsType[*sliotlp.ExportError](err)
	if !ok || failure.Status == 0 {
		return Diagnosis{}, false
	}
	result := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", failure.Status, http.StatusText(failure.Status)))
	return Diagnosis{result, adviceFor(failure.Status)}, true
}

func adviceFor(code int) string {
	switch advice := httpAdvice[code]; {
	case advice != "":
		return advice
	case code >= 300 && code < 400:
		return "write the address that it redirects to: redirects are not followed, for they would take the headers elsewhere"
	case code >= 500:
		return "the receiver is broken: its own log says more"
	}
	return ""
}

var grpcAdvice = map[codes.Code]string{
	codes.Unauthenticated:   wantLogin,
	codes.PermissionDenied:  wantLogin,
	codes.Unimplemented:     "there is a gRPC server, but none for OTLP metrics",
	codes.ResourceExhausted: wantLess,
	codes.Unavailable:       "the receiver, or a proxy before it, is not ready",
	codes.Internal:          "the receiver is broken: its own log says more",
	codes.Unknown:           "the receiver is broken: its own log says more",
}

func ofGRPC(err error, _ string) (Diagnosis, bool) {
	s, ok := status.FromError(err)
	if !ok {
		return Diagnosis{}, false
	}
	return Diagnosis{fmt.Sprintf("gRPC %s", s.Code()), grpcAdvice[s.Code()]}, true
}
