package sliotlp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"google.golang.org/grpc/status"
)

// An ExportError is returned by an export that the receiver did not accept. Its text has the outcome of
// the last attempt that failed for a reason of its own, even if a later one ran out of time:
//
//	sliotlp: deadline exceeded after 4 attempts; last answer: 503 Service Unavailable: overloaded
//
// Text from the receiver is cut to one line, without the values of [WithHeaders].
//
// [errors.Is] finds [context.DeadlineExceeded] and [context.Canceled] if time ran out, and the error of
// the network; [google.golang.org/grpc/status.Code] finds that of gRPC.
type ExportError struct {
	// Status is the status code of the last HTTP response, such as 503; 0 if there was none, and for gRPC.
	Status int

	// Attempts is how often the request was sent; 0 if the receiver had asked to wait.
	Attempts int

	// WaitUntil is the time until which the receiver asked to wait: exports before it fail without an
	// attempt. It is zero if the receiver did not ask.
	WaitUntil time.Time

	// WantsTLS reports whether the endpoint is http but the receiver speaks TLS.
	WantsTLS bool

	text  string
	ended error // the context error if time ran out
	errs  []error
}

// Error implements error.
func (e *ExportError) Error() string { return e.text }

// Unwrap returns the cause and the error of OpenTelemetry's exporter.
func (e *ExportError) Unwrap() []error { return e.errs }

// Is reports whether target is the context error of an export that ran out of time.
func (e *ExportError) Is(target error) bool { return e.ended != nil && target == e.ended }

// failure makes the error of a request; nth says which one it was, "" if it was the only one.
func (e *exporter) failure(nth string, a *attempts, err error) error {
	if a.n == 0 || a.cause == nil && a.late == nil { // it was not sent
		if nth == "" {
			return err
		}
		return fmt.Errorf("sliotlp: %s%w", nth, err)
	}
	failure := &ExportError{Attempts: a.n, WaitUntil: a.wait, WantsTLS: a.foundTLS, ended: a.ended, errs: []error{err}}
	if a.cause != nil {
		failure.errs = []error{a.cause, err}
	}
	if answered, ok := errors.AsType[*answer](a.cause); ok {
		failure.Status = answered.status
	}
	failure.text = "sliotlp: " + nth + e.story(a)
	if failure.WantsTLS {
		failure.text += "; the receiver speaks TLS, want https:// in the endpoint"
	}
	if !a.wait.IsZero() {
		failure.text += "; it asks to wait until " + clock(a.wait)
	}
	return failure
}

// waiting makes the error of an export that was not attempted.
func (e *exporter) waiting(until time.Time, cause error) error {
	failure := &ExportError{WaitUntil: until, errs: []error{cause}}
	if answered, ok := errors.AsType[*answer](cause); ok {
		failure.Status = answered.status
	}
	failure.text = fmt.Sprintf("sliotlp: not sent: the receiver asked to wait until %s; last answer: %s", clock(until), e.brief(cause))
	return failure
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// story describes how the attempts went.
func (e *exporter) story(a *attempts) string {
	times := ""
	if a.n > 1 {
		times = fmt.Sprintf(" after %d attempts", a.n)
	}
	over := "deadline exceeded"
	if errors.Is(a.ended, context.Canceled) {
		over = "canceled"
	}
	last := "last failure: "
	if _, ok := errors.AsType[*answer](a.cause); ok {
		last = "last answer: "
	}
	switch {
	case a.cause == nil:
		return over + times + ": no answer" + e.hindrance(a.late)
	case a.ended != nil:
		return over + times + "; " + last + e.brief(a.cause)
	case a.n > 1:
		return "given up" + times + "; " + last + e.brief(a.cause)
	}
	return e.brief(a.cause)
}

// hindrance returns what an attempt was doing when its time ran out, if its error says so.
func (e *exporter) hindrance(late error) string {
	text := e.brief(late)
	if _, after, ok := strings.Cut(text, context.DeadlineExceeded.Error()); ok {
		text = after
	} else if _, after, ok = strings.Cut(text, context.Canceled.Error()); ok {
		text = after
	}
	if text == "" {
		return ""
	}
	return ": " + strings.TrimLeft(text, " :;,")
}

// brief returns the text of a cause: one line, bounded, without secrets.
func (e *exporter) brief(cause error) string {
	text := cause.Error()
	if s, ok := status.FromError(cause); ok {
		text = "gRPC " + s.Code().String() + ": " + s.Message()
	}
	return oneLine(e.hideSecrets(text))
}

// maxText is how much of an external text is shown, in bytes.
const maxText = 300

// oneLine cuts a text to a bounded single line.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// minSecret is the length of the shortest header value that is hidden: a shorter one is a word that may
// occur in any text.
const minSecret = 6

// hideSecrets hides header values in text from the receiver: some receivers echo what they were sent.
func (e *exporter) hideSecrets(text string) string {
	for _, value := range e.plan.headers {
		text = hide(text, value)
		if _, credential, ok := strings.Cut(value, " "); ok { // of "Bearer …"
			text = hide(text, credential)
		}
	}
	return text
}

func hide(text, secret string) string {
	if secret = strings.TrimSpace(secret); len(secret) < minSecret {
		return text
	}
	return strings.ReplaceAll(text, secret, "xxxxx")
}
