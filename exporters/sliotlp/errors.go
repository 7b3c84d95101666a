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

// An ExportError is returned by an export that the receiver has not taken. Its text says what the last
// attempt that failed by itself has come to, also where the time was over in a later one:
//
//	sliotlp: deadline exceeded after 4 attempts; last answer: 503 Service Unavailable: overloaded
//
// Of what the receiver writes it has one line, without the values of [WithHeaders].
//
// [errors.Is] finds [context.DeadlineExceeded] and [context.Canceled] where the time was over, and
// the error of the network; [google.golang.org/grpc/status.Code] finds that of gRPC.
type ExportError struct {
	// Status is that of the last answer of HTTP, such as 503; 0 where there was none, and for gRPC.
	Status int

	// Attempts is how often the request was sent; 0 where the receiver had asked to wait.
	Attempts int

	// WaitUntil is when the receiver may be asked again: earlier exports fail without an attempt. The
	// zero time: it has not asked for that.
	WaitUntil time.Time

	// WantsTLS says that the endpoint is http and the receiver speaks TLS.
	WantsTLS bool

	text  string
	ended error // the context error where the time was over
	errs  []error
}

// Error implements error.
func (e *ExportError) Error() string { return e.text }

// Unwrap returns the cause, and the error of OpenTelemetry's exporter.
func (e *ExportError) Unwrap() []error { return e.errs }

// Is reports whether target is the context error of a time that was over.
func (e *ExportError) Is(target error) bool { return e.ended != nil && target == e.ended }

// failure makes the error of a request, which was the nth or "" of several.
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

// waiting is the error of an export that was not tried.
func (e *exporter) waiting(until time.Time, cause error) error {
	failure := &ExportError{WaitUntil: until, errs: []error{cause}}
	if answered, ok := errors.AsType[*answer](cause); ok {
		failure.Status = answered.status
	}
	failure.text = fmt.Sprintf("sliotlp: not sent: the receiver asked to wait until %s; last answer: %s", clock(until), e.brief(cause))
	return failure
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// story says how the attempts went.
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

// hindrance is what an attempt was at when its time was over, where its error has more than that it was.
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

// brief is the text of a cause: one line, bounded, without secrets.
func (e *exporter) brief(cause error) string {
	text := cause.Error()
	if s, ok := status.FromError(cause); ok {
		text = "gRPC " + s.Code().String() + ": " + s.Message()
	}
	return oneLine(e.hideSecrets(text))
}

// maxText is what is shown of a text from elsewhere, in bytes.
const maxText = 300

// oneLine bounds a text and makes it one line.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// minSecret is the length of the shortest header value that is hidden: a shorter one is a word that
// may stand in any text.
const minSecret = 6

// hideSecrets hides the values of headers in what the receiver has written: some show what they were
// sent.
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
