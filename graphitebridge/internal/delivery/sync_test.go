package delivery

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func synchronous(servers ...string) Config {
	c := quick(servers...)
	c.Mode = Sync
	return c
}

func TestSync(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	c := newClient(t, synchronous(r.address))
	batches := deliverAll(t, c, 5, nil)
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	if s := c.Stats(); s.Connects != 5 || s.Acknowledged.Lines != 500 {
		t.Errorf("stats %+v", s)
	}
}

// A receiver that keeps its side open costs a short wait, and is no failure.
func TestSyncOpenEnd(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(c, everything)
		blackHole(r, c)
	})
	c := newClient(t, synchronous(r.address))
	b := batch("x", 10)
	start := time.Now()
	deliver(t, c, b)
	if took := time.Since(start); took < syncLinger || took > SyncLimit {
		t.Errorf("took %v, want a little more than %v", took, syncLinger)
	}
	eventually(t, "the receiver reads", func() bool { return len(r.lines()) == 10 })
}

// One attempt with each server, and never more than the limit.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	broken := newReceiver(t, reset(0))
	full := newReceiver(t, blackHole)
	for name, tt := range map[string]struct {
		config Config
		lines  int
		dialer func(context.Context, string, string) (net.Conn, error)
		kind   string
		least  time.Duration
	}{
		"refused":     {config: synchronous(refused(t)), lines: 1, kind: "dial"},
		"lookup":      {config: synchronous("nowhere.invalid:1"), lines: 1, kind: "dns"},
		"reset":       {config: synchronous(broken.address), lines: 300_000, kind: "reset"},
		"dial hangs":  {config: synchronous("127.0.0.1:1"), lines: 1, dialer: hangs, kind: "timeout", least: SyncLimit},
		"write hangs": {config: synchronous(full.address), lines: 500_000, kind: "timeout", least: SyncLimit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Dialer = tt.dialer
			c := newClient(t, tt.config)
			b := batch("x", tt.lines)
			start := time.Now()
			result, err := c.Deliver(t.Context(), b, tt.lines)
			if took := time.Since(start); took < tt.least*9/10 || took > SyncLimit*3 {
				t.Errorf("took %v, want %v at least and about %v at most", took, tt.least, SyncLimit)
			}
			if err == nil || result.Acknowledged {
				t.Fatalf("%+v, %v: want an error", result, err)
			}
			s := c.Stats()
			if name == "reset" && s.Failures[FailureDial] == 1 {
				return // it came before the connect had returned
			}
			if diff := cmp.Diff([]string{tt.kind}, failures(s)); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

// Servers share the time, so that one that hangs leaves some to the next.
func TestSyncHangingServer(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	config := synchronous("127.0.0.1:1", r.address)
	config.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "127.0.0.1:1" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	b := batch("x", 3)
	deliver(t, newClient(t, config), b)
	wantAll(t, [][]byte{b}, r)
}

func TestSyncFailover(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	c := newClient(t, synchronous(refused(t), r.address))
	batches := deliverAll(t, c, 3, nil)
	wantAll(t, batches, r)
	if s := c.Stats(); s.Failures[FailureDial] != 1 {
		t.Errorf("%d failed connects, want 1: the server that worked is tried first", s.Failures[FailureDial])
	}
}
