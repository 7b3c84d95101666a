// Package diagnosis says what an export error means and what to do about it.
//
//	d := diagnosis.Of(err)
//	fmt.Println(d.Result) // TLS: certificate of an unknown authority
//	fmt.Println(d.Advice) // name a PEM file with the authority in OTEL_EXPORTER_OTLP_CERTIFICATE, …
//
// # Why it matches text
//
// The errors come from several exporters. OTLP over HTTP returns the network error and the response
// status. gRPC returns everything as the text of a status: a refused connection and an untrusted
// certificate are both UNAVAILABLE. So errors are recognised by type where possible, and otherwise
// by what Go and gRPC write, which the tests get from real connections.
//
// # Order
//
// The rules are tried from the most to the least specific; the first that matches decides. An error
// that matches none is "failed", without advice.
//
// # Concurrency and cost
//
// The package has no state. A diagnosis costs a few text searches, for errors shown to a person.
package diagnosis

import (
	"errors"
	"strings"
)

// A Diagnosis is the result of an export, in a few words.
type Diagnosis struct {
	Result string // such as "refused" or "HTTP 401 Unauthorized"
	Advice string // what to do about it; "" if not known
}

// Of explains an error; for nil it returns the zero Diagnosis.
func Of(err error) Diagnosis {
	if err == nil {
		return Diagnosis{}
	}
	text := err.Error()
	for _, rule := range []func(error, string) (Diagnosis, bool){
		partialSuccess, wrongProtocol, httpStatus, ofTLS, ofNetwork, tooLate, ofGRPC,
	} {
		if d, ok := rule(err, text); ok {
			return d
		}
	}
	return Diagnosis{Result: "failed"}
}

// has reports whether text contains one of the parts.
func has(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

const partial = "OTLP partial success: "

func partialSuccess(_ error, text string) (Diagnosis, bool) {
	_, what, ok := strings.Cut(text, partial)
	what, _, _ = strings.Cut(what, "\n")
	return Diagnosis{
		Result: "rejected: " + what,
		Advice: "the receiver took the request and rejected the metric: its own log says more",
	}, ok
}
