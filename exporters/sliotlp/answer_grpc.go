package sliotlp

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// witnessGRPC records the outcome of each attempt.
func witnessGRPC(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	a := attemptsOf(ctx)
	a.begin()
	err := invoke(ctx, method, request, reply, conn, options...)
	if err == nil {
		a.accept()
		return nil
	}
	a.fail(ctx, err)
	if !a.ask(retryInfo(err)) {
		return errFutile
	}
	return err
}

// retryInfo returns how long a retryable status asks the client to wait.
func retryInfo(err error) time.Duration {
	s := status.Convert(err)
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
	default:
		return 0
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return 0
}
