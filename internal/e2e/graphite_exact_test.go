package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

func (s *store) flushWithin(t testing.TB, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return s.telemetry.Flush(ctx)
}

func (s *store) shutdownWithin(t testing.TB, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return s.telemetry.Shutdown(ctx)
}

// eventually waits until an instant query answers with exactly one sample of exactly that value.
func (v *Victoria) eventually(t testing.TB, promql string, want float64) {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		vector, err := v.Query(t.Context(), promql)
		switch {
		case err != nil:
			return err
		case len(vector) != 1:
			return fmt.Errorf("query %s: %d samples, want 1: %v", promql, len(vector), vector)
		case float64(vector[0].Value) != want:
			return fmt.Errorf("query %s: %v, want %v", promql, vector[0].Value, want)
		}
		return nil
	})
}

func TestErrorBudgetIntoVictoriaMetrics(t *testing.T) {
	t.Parallel()
	Require(t, VictoriaMetrics)
	victoria := StartVictoriaMetrics(t)
	s := newStore(t)
	s.start(t, graphitebridge.Config{
		Servers:     []string{"tcp://" + victoria.OpenTSDB},
		ErrorBudget: &graphitebridge.ErrorBudget{UUID: "u-1", Service: "store", Instance: "one"},
	})
	counts := otelsli.Counts{otelsli.Success: 10, otelsli.Failed: 3, otelsli.Ignored: 2}
	for range 3 {
		s.record(t, counts)
		s.flush(t)
		time.Sleep(second)
	}
	s.record(t, counts)
	s.shutdown(t)
	for response, n := range map[string]float64{"success": 40, "failure": 12, "ignored_failure": 8} {
		victoria.eventually(t, `sum_over_time({__name__="error-budget.counters.u-1",service="store",method_name="checkout",`+
			`instance="one",channel="web",response_type="`+response+`"}[10m])`, n)
	}
	victoria.eventually(t, `count({__name__="error-budget.counters.u-1"})`, 6) // also those that were never counted
	victoria.eventually(t, `sum(sum_over_time({__name__="error-budget.counters.u-1",channel="app"}[10m]))`, 0)
}

// A deafDialer opens connections of which those that are marked never hear the receiver's acknowledgement.
type deafDialer struct{ deaf atomic.Bool }

func (d *deafDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil || !d.deaf.Swap(false) {
		return c, err
	}
	return deafConn{c.(*net.TCPConn)}, nil
}

type deafConn struct{ *net.TCPConn }

func (c deafConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if errors.Is(err, io.EOF) {
		err = syscall.ECONNRESET
	}
	return n, err
}

// Increments are counted exactly once by a receiver that drops duplicates, though it is killed with lines in its
// kernel's buffers, comes back, and an acknowledgement is lost.
func TestIncrementsAreExactAcrossAKill(t *testing.T) {
	t.Parallel()
	Require(t, VictoriaMetrics)
	victoria := StartVictoriaMetrics(t)
	dialer := &deafDialer{}
	s := newStore(t)
	s.start(t, graphitebridge.Config{
		Servers:    []string{"tcp://" + victoria.Graphite},
		Line:       line.Config{Format: line.GraphiteTagged, Instance: "one"},
		Increments: true,
		Delivery:   graphitebridge.Delivery{Dial: dialer.dial},
	})
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failures int
	running.Go(func() {
		for ; ctx.Err() == nil; failures++ {
			s.sli.Record(ctx, channels[0], otelsli.Failed)
			time.Sleep(time.Millisecond)
		}
	})

	s.flush(t)
	time.Sleep(second)
	dialer.deaf.Store(true)
	s.flush(t)
	if dialer.deaf.Load() {
		t.Error("no acknowledgement was lost")
	}
	victoria.Settle(t)
	victoria.Signal(t, syscall.SIGSTOP)
	time.Sleep(second)
	if err := s.flushWithin(t, 500*time.Millisecond); err == nil {
		t.Error("a receiver that is frozen has acknowledged")
	}
	victoria.Crash(t)
	if err := s.flushWithin(t, 500*time.Millisecond); err == nil {
		t.Error("a receiver that is dead has acknowledged")
	}
	victoria.Restart(t)
	s.flush(t)
	time.Sleep(second)
	cancel()
	running.Wait()
	s.shutdown(t)

	for _, name := range []string{"sli.checkout.total", "sli.checkout.error.total"} {
		victoria.eventually(t, `sum_over_time({__name__="`+name+`",channel="web"}[10m])`, float64(failures))
	}
}
