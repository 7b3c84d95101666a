package delivery

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAckDelivers(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	c := newClient(t, quick(r.address))
	batches := [][]byte{batch("a", 1), batch("b", 10_000), batch("c", 3)}
	var sent Traffic
	for _, b := range batches {
		if result := deliver(t, c, b); result.Resent != 0 {
			t.Errorf("%d lines were sent again, want none", result.Resent)
		}
		// Acknowledged means read: there is nothing to wait for.
		if n := len(r.lines()); int64(n) != sent.Lines+countLines(b) {
			t.Errorf("%d lines were read when the batch was acknowledged", n)
		}
		sent.add(Traffic{Lines: countLines(b), Bytes: int64(len(b))})
	}
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	got := c.Stats()
	if time.Since(got.LastSuccess) > long {
		t.Errorf("last success was at %v", got.LastSuccess)
	}
	got.LastSuccess = time.Time{}
	want := Stats{Connects: 3, Sent: sent, Acknowledged: sent}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// A receiver that breaks off, at whatever point and in whatever way, costs a repetition and
// nothing else.
func TestAckBrokenOff(t *testing.T) {
	t.Parallel()
	const n = 50_000 // 1.5 MB: some of it is in either kernel's buffers, whenever it happens
	shutDown := func(after int) handler {
		return func(r *receiver, c *net.TCPConn) {
			_ = r.readTo(c, after)
			_ = c.CloseWrite() // as Twisted does when it is told to end
			time.Sleep(50 * time.Millisecond)
			c.Close()
		}
	}
	for name, h := range map[string]handler{
		"reset at once":              reset(0),
		"reset after some":           reset(100_003),
		"reset near the end":         reset(1_400_000),
		"close with the rest unread": die(100_003),
		"close at once":              die(0),
		"end of file at once":        shutDown(0),
		"end of file after some":     shutDown(100_003),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, h, h, h, proper)
			c := newClient(t, quick(r.address))
			b := batch("x", n)
			result := deliver(t, c, b)
			duplicates := wantTorn(t, b, r)
			if result.Resent < duplicates {
				t.Errorf("the receiver has %d duplicates, but only %d lines were counted as sent again", duplicates, result.Resent)
			}
			s := c.Stats()
			// A reset may come so early that it is the connect that fails.
			if s.Connects+s.Failures[FailureDial] != 4 || s.Sent.Lines < n+int64(result.Resent) || s.Resent.Lines != int64(result.Resent) {
				t.Errorf("resent %d, stats %+v", result.Resent, s)
			}
			if len(failures(s)) == 0 || s.Acknowledged.Lines != n {
				t.Errorf("failures %v, %d lines acknowledged", failures(s), s.Acknowledged.Lines)
			}
		})
	}
}

// wantTorn is wantAll for a receiver whose earlier connections ended in the middle of a line:
// the record runs on, so that such a line reads as one that was never sent.
func wantTorn(t *testing.T, b []byte, r *receiver) (duplicates int) {
	t.Helper()
	got := r.lines()
	missing := 0
	for line := range bytes.Lines(b) {
		n := got[string(line)]
		if n == 0 {
			missing++
		}
		duplicates += max(n-1, 0)
	}
	// The line at which a connection broke off is glued to the first of the next.
	if missing > 1 {
		t.Errorf("%d lines are lost", missing)
	}
	return duplicates
}

// Small batches fit into the receiver's kernel: everything was "written" long before the
// receiver dies without having read it.
func TestAckUnreadInKernel(t *testing.T) {
	t.Parallel()
	var client atomic.Pointer[Client]
	b := batch("x", 20)
	dies := func(r *receiver, c *net.TCPConn) {
		defer c.Close()
		for n := int64(r.connections()); client.Load().Stats().Sent.Lines < 20*n; {
			select { // until it is written
			case <-time.After(time.Millisecond):
			case <-r.stop:
				return
			}
		}
	}
	r := newReceiver(t, dies, dies, proper)
	c := newClient(t, quick(r.address))
	client.Store(c)
	result := deliver(t, c, b)
	if d := wantAll(t, [][]byte{b}, r); d != 0 {
		t.Errorf("%d duplicates, want none: nothing had been read", d)
	}
	if want := 40; result.Resent != want {
		t.Errorf("%d lines were sent again, want %d", result.Resent, want)
	}
	if diff := cmp.Diff([]string{"reset"}, failures(c.Stats())); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestAckRefused(t *testing.T) {
	t.Parallel()
	address := later(t)
	c := newClient(t, quick(address))
	result, err := c.Deliver(within(t, 2*time.Second), batch("x", 2), 2)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v: want the end of the time and the last failure", err)
	}
	if result != (Result{}) {
		t.Errorf("result %+v, want nothing written", result)
	}
	if s := c.Stats(); s.Failures[FailureDial] < 3 || s.Connects != 0 {
		t.Errorf("stats %+v: want several attempts", s)
	}

	// The server comes back.
	r := listenAt(t, address, proper)
	b := batch("y", 5)
	deliver(t, c, b)
	wantAll(t, [][]byte{b}, r)
}

// No limit is exceeded by a receiver that accepts and never reads.
func TestAckBlackHole(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		lines  int
		config func(*Config)
	}{
		"wait for the end of file": {10, func(c *Config) { c.ReadTimeout = 100 * time.Millisecond }},
		"write":                    {500_000, func(c *Config) { c.WriteTimeout = 300 * time.Millisecond }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dead, good := newReceiver(t, blackHole), newReceiver(t, proper)
			config := quick(dead.address, good.address)
			tt.config(&config)
			c := newClient(t, config)
			b := batch("x", tt.lines)
			start := time.Now()
			result := deliver(t, c, b)
			if took := time.Since(start); took < 100*time.Millisecond || took > long {
				t.Errorf("took %v", took)
			}
			if wantTorn(t, b, good); result.Resent == 0 {
				t.Error("nothing was counted as sent again")
			}
			if diff := cmp.Diff([]string{"timeout"}, failures(c.Stats())); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAckSlowReceiver(t *testing.T) {
	t.Parallel()
	// 6.5 MB take the receiver about a second; a write of 32 KiB has 10 s.
	r := newReceiver(t, slow(100_000, 10*time.Millisecond))
	c := newClient(t, quick(r.address))
	b := batch("x", 200_000)
	if result := deliver(t, c, b); result.Resent != 0 {
		t.Errorf("%d lines were sent again, want none", result.Resent)
	}
	if d := wantAll(t, [][]byte{b}, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
}

// OpenTSDB answers lines that it does not like. Replies that nobody reads block such a server, and
// reset the connection when it is closed.
func TestAckReplies(t *testing.T) {
	t.Parallel()
	const size = 128_000
	answer := []byte(strings.Repeat("put: illegal argument: bad\n", size/27+1)[:size-1] + "\n")
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(c, 1000)
		_ = c.SetWriteBuffer(8 << 10)
		_, _ = c.Write(answer) // before it reads on
		err := r.readTo(c, everything)
		_, _ = c.Write(answer)
		if !errors.Is(err, io.EOF) {
			_ = c.SetLinger(0)
		}
		c.Close()
	})
	c := newClient(t, quick(r.address))
	b := batch("x", 200_000)
	deliver(t, c, b)
	if d := wantAll(t, [][]byte{b}, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	s := c.Stats()
	if want := (Traffic{Lines: 2 * int64(bytes.Count(answer, []byte("\n"))), Bytes: 2 * size}); s.Replies != want {
		t.Errorf("replies %+v, want %+v", s.Replies, want)
	}
	if f := failures(s); len(f) > 0 {
		t.Errorf("failures: %v", f)
	}
}

// A receiver must never see the end of its input in the middle of a line: VictoriaMetrics would
// store what it has of it.
func TestAckTornLineIsReset(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	resume := make(chan struct{})
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		<-resume
		ended <- r.readTo(c, everything)
		c.Close()
	}, proper)
	config := quick(r.address)
	config.WriteTimeout = 100 * time.Millisecond
	c := newClient(t, config)
	b := batch("x", 500_000)
	deliver(t, c, b)
	close(resume)
	if err := <-ended; err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the torn connection ended with %v, want a reset", err)
	}
}

// A server that shuts its side down at once cannot acknowledge, whatever it reads.
func TestAckEarlyEndOfFile(t *testing.T) {
	t.Parallel()
	shut := make(chan struct{}, 1000)
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		_ = c.CloseWrite()
		shut <- struct{}{}
		proper(r, c)
	})
	ctx, cancel := context.WithCancel(within(t, long))
	dials := 0
	config := quick(r.address)
	config.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials++; dials == 4 {
			cancel()
		}
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		select {
		case <-shut: // the end of file is there first
		case <-ctx.Done():
		}
		return c, err
	}
	c := newClient(t, config)
	result, err := c.Deliver(ctx, batch("x", 100_000), 100_000)
	if err == nil || result.Acknowledged {
		t.Fatal("a batch was acknowledged by a server that cannot")
	}
	if !strings.Contains(err.Error(), "cannot acknowledge") {
		t.Errorf("error %v: want it to say why", err)
	}
	if s := c.Stats(); s.Failures[FailureNotAcknowledged] == 0 {
		t.Errorf("failures: %v", failures(s))
	}
}

// On Linux the socket tells what the end of file does not.
func TestAckEndOfFileBeforeData(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		// The receiver's buffer is full, then it ends its side, then it is gone.
		time.Sleep(100 * time.Millisecond)
		_ = c.CloseWrite()
		time.Sleep(100 * time.Millisecond)
		c.Close()
	}, proper)
	config := quick(r.address)
	c := newClient(t, config)
	b := batch("x", 300_000)
	deliver(t, c, b)
	if d := wantAll(t, [][]byte{b}, r); d != 0 {
		t.Errorf("%d duplicates: nothing had been read", d)
	}
}

func TestAckNeedsHalfClose(t *testing.T) {
	t.Parallel()
	config := quick("pipe:1")
	config.Dialer = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			_, _ = io.Copy(io.Discard, far)
			far.Close()
		}()
		return near, nil
	}
	c := newClient(t, config)
	_, err := c.Deliver(within(t, time.Second), batch("x", 1), 1)
	if err == nil || !strings.Contains(err.Error(), "*net.pipe has no CloseWrite") {
		t.Errorf("error %v: want it to say what the connection lacks", err)
	}
}
