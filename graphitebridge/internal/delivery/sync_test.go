package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
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
	if d := wantAllSoon(t, batches, r); d != 0 {
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
	unhurried(t, func() error {
		start := time.Now()
		deliver(t, c, b)
		if took := time.Since(start); took < syncSilence || took > SyncLimit {
			return fmt.Errorf("took %v, want a little more than %v", took, syncSilence)
		}
		return nil
	})
	eventually(t, "the receiver reads", func() bool { return len(r.lines()) == 10 })
}

// One attempt with each server, and never more than the limit.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var unknown atomic.Value
	unknown.Store([4]byte{}) // no such name
	nowhere := &net.Dialer{Resolver: newResolver(t, &unknown)}
	broken := newReceiver(t, reset(0))
	full := newReceiver(t, blackHole)
	for name, tt := range map[string]struct {
		config Config
		lines  int
		dialer func(context.Context, string, string) (net.Conn, error)
		kind   string
		least  time.Duration
	}{
		"refused":     {config: synchronous(nobody), lines: 1, kind: "dial"},
		"lookup":      {config: synchronous("nowhere.invalid:1"), lines: 1, dialer: nowhere.DialContext, kind: "dns"},
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
	wantAllSoon(t, [][]byte{b}, r)
}

func TestSyncFailover(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	c := newClient(t, synchronous(nobody, r.address))
	batches := deliverAll(t, c, 3, nil)
	wantAllSoon(t, batches, r)
	if s := c.Stats(); s.Failures[FailureDial] != 1 {
		t.Errorf("%d failed connects, want 1: the server that worked is tried first", s.Failures[FailureDial])
	}
}

// grumble answers every so many bytes, and returns how the connection ended.
func grumble(r *receiver, c *net.TCPConn, bytes int, pause time.Duration) error {
	for {
		if err := r.readTo(c, bytes); err != nil {
			return err
		}
		time.Sleep(pause)
		if _, err := c.Write([]byte("put: illegal argument\n")); err != nil {
			return err
		}
	}
}

// A receiver that reads slowly and answers is heard to its end, for longer than the silence, and also
// by a client that would have left some of the time to another server.
func TestSyncHearsSlowReplies(t *testing.T) {
	t.Parallel()
	for name, more := range map[string][]string{"one server": nil, "four servers": {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unhurried(t, func() error { return hearSlowReplies(t, more) })
		})
	}
}

func hearSlowReplies(t *testing.T, more []string) error {
	t.Helper()
	ends := make(chan error, 1)
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		ends <- grumble(r, c, 1000, 40*time.Millisecond)
		c.Close()
	})
	c := newClient(t, synchronous(append([]string{r.address}, more...)...))
	b := batch("x", 300) // 9.6 kB, read in 0.4 s
	start := time.Now()
	if result, err := c.Deliver(within(t, long), b, 300); err != nil || !result.Acknowledged {
		return fmt.Errorf("%+v, %s: want it acknowledged", result, fmt.Sprint(err))
	}
	if took := time.Since(start); took < 2*syncSilence {
		return fmt.Errorf("took %v: it did not hear everything", took)
	}
	if err := <-ends; !errors.Is(err, io.EOF) {
		return fmt.Errorf("the receiver's connection ended with: %s", fmt.Sprint(err))
	}
	if d := wantAllSoon(t, [][]byte{b}, r); d != 0 {
		t.Errorf("%d duplicates", d)
	}
	return nil
}

// A receiver that never stops answering is left at the limit, or at the caller's deadline: what was
// written in order is no failure.
func TestSyncLeavesAtItsLimit(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"its own": SyncLimit, "the caller's": SyncLimit / 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
				_ = r.readTo(c, everything)
				for err := error(nil); err == nil; time.Sleep(20 * time.Millisecond) {
					_, err = c.Write([]byte("put: and another thing\n"))
				}
				c.Close()
			})
			c := newClient(t, synchronous(r.address))
			unhurried(t, func() error {
				ctx := within(t, long)
				if limit < SyncLimit {
					ctx = within(t, limit)
				}
				start := time.Now()
				result, err := c.Deliver(ctx, batch("x", 10), 10)
				if took := time.Since(start); err != nil || !result.Acknowledged || took < limit*9/10 || took > limit*3 {
					return fmt.Errorf("%+v, %s after %v, want success after %v", result, fmt.Sprint(err), took, limit)
				}
				return nil
			})
		})
	}
}

// A caller that gives up while replies are read is told so.
func TestSyncCancelled(t *testing.T) {
	t.Parallel()
	unhurried(t, func() error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
			_ = r.readTo(c, everything)
			cancel() // before the silence is over
			blackHole(r, c)
		})
		result, err := newClient(t, synchronous(r.address)).Deliver(ctx, batch("x", 10), 10)
		if !errors.Is(err, context.Canceled) || result.Acknowledged || !result.Written {
			return fmt.Errorf("%+v, %s: want it written and cancelled", result, fmt.Sprint(err))
		}
		return nil
	})
}
