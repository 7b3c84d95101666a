package diagnosis

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// httpAnswer is how OpenTelemetry's exporter writes a status that is not to be tried again.
var httpAnswer = regexp.MustCompile(`failed to send metrics to \S+: (\d{3})[^(]*\(body: `)

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
}

func httpStatus(_ error, text string) (Diagnosis, bool) {
	if m := httpAnswer.FindStringSubmatch(text); m != nil {
		code, _ := strconv.Atoi(m[1]) // three digits
		return Diagnosis{strings.TrimSpace(fmt.Sprintf("HTTP %d %s", code, http.StatusText(code))), adviceFor(code)}, true
	}
	// The exporter keeps the status of what may be tried again to itself.
	return Diagnosis{"HTTP 429, 502, 503 or 504", wantLess}, has(text, "retry-able request failure: body: ")
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
