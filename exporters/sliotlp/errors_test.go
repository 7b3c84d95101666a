package sliotlp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// quick tries again without much ado.
var quick = WithRetry(Retry{Initial: time.Millisecond, Max: 5 * time.Millisecond})

// failing is what an export within a time comes to.
func failing(t *testing.T, within time.Duration, options ...Option) *ExportError {
	t.Helper()
	e := newTestExporter(t, options...)
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	err := e.Export(ctx, someMetrics(metricdata.CumulativeTemporality))
	failure, ok := errors.AsType[*ExportError](err)
	if !ok {
		t.Fatalf("%T is no ExportError: %v", err, err)
	}
	return failure
}

func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}

// answering makes a receiver answer so for ever.
func answering(r *receiver, code codes.Code, httpStatus int, text string) {
	r.answer = func(int) (*collector.ExportMetricsServiceResponse, error) { return nil, status.Error(code, text) }
	r.status = func(w http.ResponseWriter, _ int) bool { http.Error(w, text, httpStatus); return true }
}

// TestTheCauseOutlivesTheTime with receivers that are busy until the time of the export is over.
func TestTheCauseOutlivesTheTime(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		answering(r, codes.Unavailable, http.StatusServiceUnavailable, "overloaded")
		failure := failing(t, time.Second, WithProtocol(p), WithEndpoint(r.url), quick)
		want := "; last answer: 503 Service Unavailable: overloaded"
		if p == GRPC {
			want = "; last failure: gRPC Unavailable: overloaded"
		}
		wantText(t, failure, "sliotlp: deadline exceeded after ", " attempts"+want)
		if !errors.Is(failure, context.DeadlineExceeded) || failure.Attempts < 2 {
			t.Errorf("%#v is no deadline that was exceeded after attempts", failure)
		}
		if p == HTTPProtobuf && failure.Status != http.StatusServiceUnavailable || p == GRPC && (failure.Status != 0 || status.Code(failure) != codes.Unavailable) {
			t.Errorf("status %d, %v", failure.Status, status.Code(failure))
		}
	})
}

// TestTheCauseOutlivesAHangingAttempt: the second attempt gets no answer until the time is over.
func TestTheCauseOutlivesAHangingAttempt(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		hang := make(chan struct{})
		t.Cleanup(func() { close(hang) })
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			if n > 0 {
				<-hang
			}
			return nil, status.Error(codes.Unavailable, "overloaded")
		}
		r.status = func(w http.ResponseWriter, n int) bool {
			if n > 0 {
				<-hang
			}
			http.Error(w, "overloaded", http.StatusBadGateway)
			return true
		}
		failure := failing(t, time.Second, WithProtocol(p), WithEndpoint(r.url), quick)
		wantText(t, failure, "sliotlp: deadline exceeded after 2 attempts; last ", ": overloaded")
		if !errors.Is(failure, context.DeadlineExceeded) {
			t.Error("errors.Is does not find the deadline")
		}
	})
}

// TestTheOwnTimeoutOfGRPC ends the attempts before the context does.
func TestTheOwnTimeoutOfGRPC(t *testing.T) {
	t.Parallel()
	r := listen(t, GRPC, nil)
	answering(r, codes.Unavailable, 0, "overloaded")
	failure := failing(t, 10*time.Second, WithProtocol(GRPC), WithEndpoint(r.url), quick, WithTimeout(time.Second))
	wantText(t, failure, "sliotlp: deadline exceeded after ", "gRPC Unavailable: overloaded")
	if !errors.Is(failure, context.DeadlineExceeded) {
		t.Error("errors.Is does not find the deadline")
	}
}

// TestSingleAttemptsNameTheirStatus, which OpenTelemetry's exporter keeps to itself for these.
func TestSingleAttemptsNameTheirStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		http.StatusTooManyRequests:    "sliotlp: 429 Too Many Requests: why",
		http.StatusBadGateway:         "sliotlp: 502 Bad Gateway: why",
		http.StatusServiceUnavailable: "sliotlp: 503 Service Unavailable: why",
		http.StatusGatewayTimeout:     "sliotlp: 504 Gateway Timeout: why",
		http.StatusUnauthorized:       "sliotlp: 401 Unauthorized: why",
		http.StatusNotFound:           "sliotlp: 404 Not Found: why",
	} {
		r := listen(t, HTTPProtobuf, nil)
		answering(r, codes.OK, code, "why")
		failure := failing(t, 5*time.Second, WithEndpoint(r.url), WithoutRetry())
		if failure.Error() != want || failure.Status != code || failure.Attempts != 1 {
			t.Errorf("%q, status %d, %d attempts; want %q", failure, failure.Status, failure.Attempts, want)
		}
		if errors.Is(failure, context.DeadlineExceeded) {
			t.Errorf("%v is a deadline", failure)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		failure := failing(t, time.Second, WithProtocol(p), WithEndpoint("http://127.0.0.1:1"), quick)
		wantText(t, failure, "connection refused")
		if p == HTTPProtobuf && !errors.Is(failure, syscall.ECONNREFUSED) {
			t.Error("errors.Is does not find ECONNREFUSED")
		}
	})
}

// TestNoAnswer against a receiver that takes the connection and says nothing.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		failure := failing(t, time.Second, WithProtocol(p), WithEndpoint("http://"+listener.Addr().String()), quick)
		wantText(t, failure, "sliotlp: deadline exceeded: no answer")
		if strings.Count(failure.Error(), "deadline exceeded") != 1 {
			t.Errorf("%q says it twice", failure)
		}
	})
}

// TestCanceled is not a deadline.
func TestCanceled(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		ctx, cancel := context.WithCancel(t.Context())
		r := listen(t, p, nil)
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			if n == 2 {
				cancel()
			}
			return nil, status.Error(codes.Unavailable, "overloaded")
		}
		r.status = func(w http.ResponseWriter, n int) bool {
			if n == 2 {
				cancel()
			}
			http.Error(w, "overloaded", http.StatusServiceUnavailable)
			return true
		}
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), quick)
		err := e.Export(ctx, someMetrics(metricdata.CumulativeTemporality))
		wantText(t, err, "sliotlp: canceled after ", "overloaded")
		if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is not what was cancelled alone", err)
		}
	})
}

// TestWhatIsShownOfAnAnswer is one line of bounded length, without what is secret.
func TestWhatIsShownOfAnAnswer(t *testing.T) {
	t.Parallel()
	protobuf, err := proto.Marshal(&rpcstatus.Status{Code: 3, Message: "tenant is unknown"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		contentType, body, want string
	}{
		"nothing":            {"", "", "sliotlp: 400 Bad Request"},
		"text":               {"text/plain", "  no\r\n\tgood \n", "sliotlp: 400 Bad Request: no good"},
		"control characters": {"text/plain", "a\x1b[31mb\x00c", "sliotlp: 400 Bad Request: a [31mb c"},
		"binary":             {"application/octet-stream", "\xff\xfe\x00", "sliotlp: 400 Bad Request"},
		"protobuf":           {"application/x-protobuf", string(protobuf), "sliotlp: 400 Bad Request: tenant is unknown"},
		"broken protobuf":    {"application/x-protobuf", "\xff\xff", "sliotlp: 400 Bad Request"},
		"a page":             {"text/html", "<p>" + strings.Repeat("ä", maxBody), "sliotlp: 400 Bad Request: <p>" + strings.Repeat("ä", (maxText-len("400 Bad Request: <p>"))/2) + "…"},
		"echo":               {"text/plain", "who is Bearer s3cret-t0ken, or s3cret-t0ken?", "sliotlp: 400 Bad Request: who is xxxxx, or xxxxx?"},
		"echo at the edge":   {"text/plain", strings.Repeat("x", maxText-20) + "s3cret-t0ken", ""},
	} {
		r := listen(t, HTTPProtobuf, nil)
		r.status = func(w http.ResponseWriter, _ int) bool {
			w.Header()["Content-Type"] = []string{test.contentType}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, test.body)
			return true
		}
		failure := failing(t, 5*time.Second, WithEndpoint(r.url), WithHeaders(map[string]string{"Authorization": "Bearer s3cret-t0ken", "X": "no"}))
		if test.want != "" && failure.Error() != test.want {
			t.Errorf("%s:\n%q, want\n%q", name, failure, test.want)
		}
		if strings.Contains(failure.Error(), "s3c") || len(failure.Error()) > maxText+60 {
			t.Errorf("%s: %d bytes: %s", name, len(failure.Error()), failure)
		}
	}
}

// TestTheSecretOfGRPC does not come back in a message.
func TestTheSecretOfGRPC(t *testing.T) {
	t.Parallel()
	r := listen(t, GRPC, nil)
	answering(r, codes.PermissionDenied, 0, "s3cret-t0ken may not")
	failure := failing(t, 5*time.Second, WithProtocol(GRPC), WithEndpoint(r.url), WithHeaders(map[string]string{"api-key": "s3cret-t0ken"}))
	if want := "sliotlp: gRPC PermissionDenied: xxxxx may not"; failure.Error() != want {
		t.Errorf("%q, want %q", failure, want)
	}
}

// TestTelling: what arrives in the last moment is a cause all the same.
func TestTelling(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"an answer":      {&answer{status: 503}, true},
		"a status":       {status.Error(codes.Unavailable, "busy"), true},
		"the time":       {context.Canceled, false},
		"gRPC, the time": {status.Error(codes.Canceled, "canceled"), false},
		"gRPC, too late": {status.Error(codes.DeadlineExceeded, "late"), false},
	} {
		a := &attempts{}
		a.fail(over, test.err)
		if (a.cause != nil) != test.want || (a.late != nil) == test.want {
			t.Errorf("%s: cause %v, late %v", name, a.cause, a.late)
		}
	}
}
