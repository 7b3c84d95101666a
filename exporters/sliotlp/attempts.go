package sliotlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// attempts records the attempts to send one request. OpenTelemetry's exporters make them one after the
// other, in the goroutine of Export, and return only the last error, which is usually that time ran
// out. The attempts are recorded at the transport, where each still has its cause.
type attempts struct {
	deadline time.Time // of all attempts; zero: none

	n        int
	accepted bool      // the receiver accepted the last one
	cause    error     // of the last one that failed for a reason of its own
	late     error     // of the last one, if it ran out of time
	ended    error     // its context error
	wait     time.Time // until when the receiver asked to wait; zero: it did not

	wantsTLS func(ctx context.Context, cause error) bool // called while there is time; nil: never
	foundTLS bool
}

type attemptsKey struct{}

// attemptsOf returns the attempts of an export of this package, otherwise throwaway ones.
func attemptsOf(ctx context.Context) *attempts {
	if a, ok := ctx.Value(attemptsKey{}).(*attempts); ok {
		return a
	}
	return &attempts{}
}

// begin starts an attempt. It forgets how long the receiver asked to wait at the previous one.
func (a *attempts) begin() {
	a.n++
	a.accepted, a.late, a.ended, a.wait = false, nil, nil, time.Time{}
}

// accept records that the receiver accepted the attempt.
func (a *attempts) accept() { a.accepted, a.cause = true, nil }

// fail records a failed attempt. One that merely ran out of time does not replace an earlier, more
// telling cause.
func (a *attempts) fail(ctx context.Context, err error) {
	if a.ended = over(ctx); a.ended != nil && !telling(err) {
		a.late = err
		return
	}
	a.cause = err
	a.foundTLS = a.wantsTLS != nil && a.wantsTLS(ctx, err)
}

// telling reports whether an error says more than that time ran out.
func telling(err error) bool {
	if _, ok := errors.AsType[*answer](err); ok {
		return true
	}
	s, ok := status.FromError(err)
	return ok && s.Code() != codes.DeadlineExceeded && s.Code() != codes.Canceled
}

// over returns [context.Canceled], [context.DeadlineExceeded] or nil. It returns DeadlineExceeded as
// soon as the deadline has passed, even if the timer of ctx has not fired yet.
func over(ctx context.Context) error {
	err := ctx.Err()
	switch d, ok := ctx.Deadline(); {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case err != nil, ok && !time.Now().Before(d):
		return context.DeadlineExceeded
	}
	return nil
}

// ask records that the receiver asked to wait for d, and reports whether the export has that much time.
func (a *attempts) ask(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	a.wait = time.Now().Add(min(d, MaxWait))
	return a.deadline.IsZero() || d < time.Until(a.deadline)
}

// errFutile ends the attempts: OpenTelemetry's exporters would sleep until time runs out.
var errFutile = errors.New("sliotlp: the receiver asks to wait longer than the export may take")

// request sends one request, in one or several attempts.
func (e *exporter) request(ctx context.Context, rm *metricdata.ResourceMetrics) (*attempts, error) {
	a := &attempts{wantsTLS: e.wantsTLS}
	if e.plan.protocol == GRPC { // as OpenTelemetry's exporter does; over HTTP the timeout is per attempt
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.plan.timeout)
		defer cancel()
	}
	a.deadline, _ = ctx.Deadline()
	err := e.Exporter.Export(context.WithValue(ctx, attemptsKey{}, a), rm)
	if err != nil && a.ended == nil {
		a.ended = over(ctx)
	}
	e.patience.note(a)
	return a, err
}
