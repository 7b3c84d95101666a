package sliotlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// attempts is what the attempts to send one request have come to. OpenTelemetry's exporters make
// them one after the other, in the goroutine of Export, and return only the last error, which is
// mostly that the time is over. The attempts are seen beneath them, where each still has its cause.
type attempts struct {
	deadline time.Time // of them all; zero: none

	n        int
	accepted bool      // the last one was taken
	cause    error     // of the last one that failed by itself
	late     error     // of the last one, if its time was over
	ended    error     // the context error of that
	wait     time.Time // until when the receiver has asked to wait; zero: it has not

	wantsTLS func(ctx context.Context, cause error) bool // asked while there is time; nil: no
	foundTLS bool
}

type attemptsKey struct{}

// attemptsOf returns those of an export of this package, else some that nobody looks at.
func attemptsOf(ctx context.Context) *attempts {
	if a, ok := ctx.Value(attemptsKey{}).(*attempts); ok {
		return a
	}
	return &attempts{}
}

// begin also forgets what the attempt before was asked.
func (a *attempts) begin() {
	a.n++
	a.accepted, a.late, a.ended, a.wait = false, nil, nil, time.Time{}
}

// accept notes an attempt that was taken.
func (a *attempts) accept() { a.accepted, a.cause = true, nil }

// fail notes an attempt that failed. One whose time was over says less than one before it.
func (a *attempts) fail(ctx context.Context, err error) {
	if a.ended = over(ctx); a.ended != nil && !telling(err) {
		a.late = err
		return
	}
	a.cause = err
	a.foundTLS = a.wantsTLS != nil && a.wantsTLS(ctx, err)
}

// telling reports whether an error says more than that the time was over.
func telling(err error) bool {
	if _, ok := errors.AsType[*answer](err); ok {
		return true
	}
	s, ok := status.FromError(err)
	return ok && s.Code() != codes.DeadlineExceeded && s.Code() != codes.Canceled
}

// over is context.Canceled, context.DeadlineExceeded, the latter also in the moment before the timer of
// ctx is heard, or nil.
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

// ask notes that the receiver wants to be left alone for d, and reports whether the export could wait
// for so long.
func (a *attempts) ask(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	a.wait = time.Now().Add(min(d, MaxWait))
	return a.deadline.IsZero() || d < time.Until(a.deadline)
}

// errFutile ends the attempts: OpenTelemetry's exporters would sleep until the time is over.
var errFutile = errors.New("sliotlp: the receiver asks to wait longer than the export may take")

// request sends one request, in one or several attempts.
func (e *exporter) request(ctx context.Context, rm *metricdata.ResourceMetrics) (*attempts, error) {
	a := &attempts{wantsTLS: e.wantsTLS}
	if e.plan.protocol == GRPC { // as OpenTelemetry's exporter does; over HTTP that is for each attempt
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
