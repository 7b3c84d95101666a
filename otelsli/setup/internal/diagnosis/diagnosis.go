// Package diagnosis says what an error of an export means, and what to do about it.
//
//	d := diagnosis.Of(err)
//	fmt.Println(d.Result) // TLS: certificate of an unknown authority
//	fmt.Println(d.Advice) // name a PEM file with the authority in OTEL_EXPORTER_OTLP_CERTIFICATE, …
//
// # Why by text
//
// The errors come from several exporters. Those of OTLP over HTTP carry the error of the network and
// the status of the answer. Those of gRPC carry everything as the text of a status:
// a refused connection and a certificate that is not trusted are both UNAVAILABLE. So what can be
// told by type is, and the rest by what Go and gRPC write, which the tests get from real
// connections.
//
// # Order
//
// The rules are tried from the more to the less telling; the first that fits decides. What none of
// them knows is "failed", without advice.
//
// # Concurrency and cost
//
// There is no state. A diagnosis is some searches in a text, for errors that are shown to a person.
package diagnosis

import (
	"errors"
	"strings"
)

// A Diagnosis is what came back, in a few words.
type Diagnosis struct {
	Result string // such as "refused" or "HTTP 401 Unauthorized"
	Advice string // what to do about it; "" where nothing is known
}

// Of explains an error; nil gives the zero Diagnosis.
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

// has reports whether a text has one of the parts.
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
