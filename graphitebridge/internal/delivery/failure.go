package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// A Failure is a kind of failed attempt.
type Failure uint8

const (
	// FailureDial means that a connection could not be opened.
	FailureDial Failure = iota
	// FailureDNS means that a host could not be looked up.
	FailureDNS
	// FailureTLS means that a handshake failed.
	FailureTLS
	// FailureWrite means that a write failed in a way not listed below.
	FailureWrite
	// FailureRead means that a read failed in a way not listed below.
	FailureRead
	// FailureReset means that the receiver reset the connection.
	FailureReset
	// FailureTimeout means that something took too long, or that the context was cancelled.
	FailureTimeout
	// FailureNotAcknowledged means that a connection ended in order, but without evidence that
	// everything was read.
	FailureNotAcknowledged

	// FailureKinds is the number of kinds.
	FailureKinds = int(FailureNotAcknowledged) + 1
)

var failureNames = [FailureKinds]string{
	FailureDial:            "dial",
	FailureDNS:             "dns",
	FailureTLS:             "tls",
	FailureWrite:           "write",
	FailureRead:            "read",
	FailureReset:           "reset",
	FailureTimeout:         "timeout",
	FailureNotAcknowledged: "not_acknowledged",
}

// String returns the kind as an attribute value: dial, dns, tls, write, read, reset, timeout or
// not_acknowledged.
func (f Failure) String() string {
	if int(f) >= FailureKinds {
		return fmt.Sprintf("Failure(%d)", f)
	}
	return failureNames[f]
}

// ErrClosed is returned by [Client.Deliver] after [Client.Close].
var ErrClosed = errors.New("delivery: the client is closed")

// errEarly marks an end of file that acknowledges nothing.
var errEarly = errors.New("the server ended its side of the connection before the batch was complete, so that it cannot acknowledge any more")

// An attemptError is a failed attempt with one server.
type attemptError struct {
	kind   Failure
	action string // what was being done
	server Server
	err    error
}

func (e *attemptError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.action, e.server, e.err)
}

func (e *attemptError) Unwrap() error { return e.err }

// failure makes the error of an attempt. The kind follows from the error, otherwise from stage.
func failure(ctx context.Context, stage Failure, action string, server Server, err error) error {
	kind := classify(stage, err)
	if ctx.Err() != nil { // the connection was closed because of it
		kind, err = FailureTimeout, context.Cause(ctx)
	}
	return &attemptError{kind: kind, action: action, server: server, err: err}
}

func classify(stage Failure, err error) Failure {
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return FailureTimeout
	case errors.As(err, &dns):
		return FailureDNS
	case stage == FailureDial || stage == FailureTLS:
		return stage
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED),
		errors.Is(err, syscall.ENOTCONN): // a half-close after a reset
		return FailureReset
	}
	return stage
}

func kindOf(err error) Failure {
	if attempt, ok := errors.AsType[*attemptError](err); ok {
		return attempt.kind
	}
	return FailureWrite
}
