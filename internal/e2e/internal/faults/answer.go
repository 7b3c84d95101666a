package faults

import (
	"net/http"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// An Answer is what an [OTLP] receiver answers to each request. Its zero value is [Take].
type Answer struct {
	code       codes.Code
	status     int // of HTTP
	message    string
	retryAfter time.Duration
	reject     string // the metric that is not taken
}

// Take takes everything.
func Take() Answer { return Answer{} }

// Unavailable is a receiver that is overloaded: HTTP 503, gRPC UNAVAILABLE. Senders try again.
func Unavailable() Answer {
	return Answer{code: codes.Unavailable, status: http.StatusServiceUnavailable, message: "the receiver is overloaded"}
}

// Broken is a receiver with a bug: HTTP 500, gRPC INTERNAL. Senders must not try again.
func Broken() Answer {
	return Answer{code: codes.Internal, status: http.StatusInternalServerError, message: "the receiver has a bug"}
}

// TooMany is a receiver that asks for patience: HTTP 429 with Retry-After, gRPC RESOURCE_EXHAUSTED with RetryInfo. The
// delay is in whole seconds.
func TooMany(retryAfter time.Duration) Answer {
	return Answer{code: codes.ResourceExhausted, status: http.StatusTooManyRequests, message: "too many requests", retryAfter: retryAfter}
}

// Unauthorized is a receiver that does not know the token: HTTP 401, gRPC UNAUTHENTICATED.
func Unauthorized() Answer {
	return Answer{code: codes.Unauthenticated, status: http.StatusUnauthorized, message: "the token is not valid"}
}

// Partial takes everything but the points of one metric, and says so.
func Partial(metric string) Answer {
	return Answer{reject: metric, message: "the metric is not allowed"}
}

// err is the answer in gRPC, nil where the request is taken.
func (a Answer) err() error {
	if a.code == codes.OK {
		return nil
	}
	s := status.New(a.code, a.message)
	if a.retryAfter > 0 {
		detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(a.retryAfter)})
		if err == nil {
			s = detailed
		}
	}
	return s.Err()
}

// write answers in HTTP, unless the request is taken.
func (a Answer) write(w http.ResponseWriter) (written bool) {
	if a.status == 0 {
		return false
	}
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(a.retryAfter.Seconds())))
	}
	http.Error(w, a.message, a.status)
	return true
}
