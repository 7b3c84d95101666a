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
	// FailureDial is a connection that could not be opened.
	FailureDial Failure = iota
	// FailureDNS is a host that could not be looked up.
	FailureDNS
	// FailureTLS is a handshake that failed.
	FailureTLS
	// FailureWrite is a write that failed otherwise than below.
	FailureWrite
	// FailureRead is a read that failed otherwise than below.
	FailureRead
	// FailureReset is a connection that the receiver broke off.
	FailureReset
	// FailureTimeout is anything that took too long, a cancelled context included.
	FailureTimeout
	// FailureNotAcknowledged is a connection that ended in order, but without telling that
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

// String returns the kind as it is used for an attribute: dial, dns, tls, write, read, reset,
// timeout or not_acknowledged.
func (f Failure) String() string {
	if int(f) >= FailureKinds {
		return fmt.Sprintf("Failure(%d)", f)
	}
	return failureNames[f]
}

// ErrClosed is returned by [Client.Deliver] after [Client.Close].
var ErrClosed = errors.New("delivery: the client is closed")

// errEarly is an end of file that acknowledges nothing.
var errEarly = errors.New("the server ended its side of the connection before the batch was complete, so that it cannot acknowledge any more")

// An attemptError is what went wrong with one server.
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

// failure makes the error of an attempt. The kind is what the error tells, and otherwise what
// stage says.
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
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
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
