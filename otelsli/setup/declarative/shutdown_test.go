package declarative_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup/declarative"
)

func TestShutdownIsIdempotent(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	c, sli := newSLI(t, 1)
	telemetry := start(t, c, backend.pushing(""))
	sli.Record(t.Context(), labels{"caa"}, otelsli.Success)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := telemetry.Shutdown(context.Background()); err != nil {
				t.Errorf("shutdown: %v", err)
			}
		})
	}
	wg.Wait()
	if got := backend.sum("sli.order.total"); got != 1 {
		t.Errorf("%d events, want 1", got)
	}
	if err := telemetry.Flush(t.Context()); !errors.Is(err, declarative.ErrShutdown) {
		t.Errorf("flush after shutdown: %v, want ErrShutdown", err)
	}
}

// A backend for metrics that does not answer costs neither the deadline nor the spans.
func TestShutdownIsBounded(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	backend.hang = make(chan struct{})
	defer close(backend.hang)
	for name, test := range map[string]struct {
		timeout time.Duration // of the option
		ctx     time.Duration // 0 is no deadline
	}{
		"deadline of the context": {0, 300 * time.Millisecond},
		"timeout of the option":   {300 * time.Millisecond, 0},
	} {
		c, _ := newSLI(t, 1)
		telemetry := start(t, c, backend.pushing(""), declarative.WithShutdownTimeout(test.timeout))
		spans := backend.traceRequests()
		_, span := telemetry.TracerProvider().Tracer("app").Start(t.Context(), "work")
		span.End()
		ctx := context.Background()
		if test.ctx > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, test.ctx)
			defer cancel()
		}
		begin := time.Now()
		err := telemetry.Shutdown(ctx)
		if took := time.Since(begin); took > 1500*time.Millisecond {
			t.Errorf("%s: shutdown took %v, want 300ms", name, took)
		}
		if err == nil {
			t.Errorf("%s: the error of the export is lost", name)
			continue
		}
		wantContains(t, err.Error(), "meter_provider")
		if backend.traceRequests() == spans {
			t.Errorf("%s: the span did not arrive", name)
		}
		release, err := c.Claim("test")
		if err != nil {
			t.Errorf("%s: the catalog is still claimed: %v", name, err)
			continue
		}
		release()
	}
}

// Nor does a callback of the application that hangs: it holds a lock of the SDK.
func TestCallbackThatHangs(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	c, _ := newSLI(t, 1)
	telemetry := start(t, c, backend.pushing(""))
	release := make(chan struct{})
	defer close(release)
	_, err := telemetry.MeterProvider().Meter("app").Int64ObservableGauge("stuck",
		metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error { <-release; return nil }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err = telemetry.Shutdown(ctx)
	if took := time.Since(begin); took > 1500*time.Millisecond {
		t.Errorf("shutdown took %v, want 200ms", took)
	}
	if err == nil {
		t.Fatal("that nothing was exported is no error")
	}
	wantContains(t, err.Error(), "meter_provider: has not returned", "SLIs: has not returned")
}

func TestFlushIsBounded(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	backend.hang = make(chan struct{})
	defer close(backend.hang)
	c, _ := newSLI(t, 1)
	telemetry := start(t, c, backend.pushing(""), declarative.WithShutdownTimeout(100*time.Millisecond))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := telemetry.Flush(ctx); err == nil {
		t.Error("flush to a backend that does not answer succeeded")
	}
	if err := telemetry.Shutdown(context.Background()); err == nil {
		t.Error("shutdown with a backend that does not answer succeeded")
	}
}
