package delivery

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func stream(servers ...string) Config {
	c := quick(servers...)
	c.Mode = Stream
	return c
}

// closeClient closes and fails the test unless everything is acknowledged.
func closeClient(t testing.TB, c *Client) {
	t.Helper()
	if err := c.Close(within(t, long)); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// deliverAll delivers small batches one after the other.
func deliverAll(t testing.TB, c *Client, n int, between func(i int)) (batches [][]byte) {
	t.Helper()
	for i := range n {
		b := batch(fmt.Sprintf("b%d", i), 100)
		batches = append(batches, b)
		deliver(t, c, b)
		if between != nil {
			between(i)
		}
	}
	return batches
}

func TestStreamKeepsItsConnection(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	c := newClient(t, stream(r.address))
	batches := deliverAll(t, c, 50, nil)
	s := c.Stats()
	if s.Connects != 1 || s.Retained.Lines != 5000 || s.Acknowledged.Lines != 0 || s.LastSuccess.IsZero() {
		t.Errorf("before Close: %+v", s)
	}
	closeClient(t, c)
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	s = c.Stats()
	if s.Connects != 1 || s.Retained != (Traffic{}) || s.Acknowledged.Lines != 5000 || s.Sent != s.Acknowledged {
		t.Errorf("after Close: %+v", s)
	}
}

// A receiver that closes an idle connection has read everything: nothing is sent again.
func TestStreamIdleClose(t *testing.T) {
	t.Parallel()
	idle := func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(c, 1)
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_ = r.readTo(c, everything)
		c.Close()
	}
	r := newReceiver(t, idle)
	c := newClient(t, stream(r.address))
	batches := deliverAll(t, c, 6, func(int) {
		eventually(t, "the connection ends", c.sender.(*streamSender).conn.ended)
	})
	closeClient(t, c)
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	s := c.Stats()
	if s.Resent.Lines != 0 || s.Connects != 6 || len(failures(s)) != 0 || s.Acknowledged.Lines != 600 {
		t.Errorf("stats %+v", s)
	}
}

// A receiver that dies costs a repetition of what is not acknowledged, and nothing else.
func TestStreamBrokenOff(t *testing.T) {
	t.Parallel()
	unread := func(r *receiver, c *net.TCPConn) {
		time.Sleep(100 * time.Millisecond)
		c.Close()
	}
	for name, h := range map[string]handler{
		"reset at once":              reset(0),
		"reset after some":           reset(5001),
		"close with the rest unread": die(5001),
		"nothing read":               unread,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, h, h, h, proper)
			c := newClient(t, stream(r.address))
			batches := deliverAll(t, c, 20, func(int) { time.Sleep(10 * time.Millisecond) })
			closeClient(t, c)
			all := []byte{}
			for _, b := range batches {
				all = append(all, b...)
			}
			var duplicates int
			if strings.Contains(name, "some") || strings.Contains(name, "rest") {
				duplicates = wantTorn(t, all, r)
			} else {
				duplicates = wantAll(t, batches, r)
			}
			s := c.Stats()
			if s.Resent.Lines < int64(duplicates) || s.Acknowledged.Lines != 2000 {
				t.Errorf("%d duplicates, stats %+v", duplicates, s)
			}
			// A reset may come so early that nothing has been written.
			if early := name == "reset at once" && s.Sent.Lines == 2000; s.Resent.Lines == 0 && !early {
				t.Errorf("%d duplicates, stats %+v", duplicates, s)
			}
		})
	}
}

// What is kept has a limit, and nothing is dropped for it.
func TestStreamWindow(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	config := stream(r.address)
	config.Window = 10_000
	c := newClient(t, config)
	batches := deliverAll(t, c, 20, func(int) {
		if s := c.Stats(); s.Retained.Bytes > 10_000 {
			t.Errorf("%d bytes are retained", s.Retained.Bytes)
		}
	})
	big := batch("big", 1000) // 33 kB: more than the window
	deliver(t, c, big)
	if s := c.Stats(); s.Retained.Lines != 0 || s.Acknowledged.Lines != 3000 {
		t.Errorf("after a batch that is larger than the window: %+v", s)
	}
	deliver(t, c, batches[0])
	closeClient(t, c)
	if d := wantAll(t, append(batches, big), r); d != 100 {
		t.Errorf("%d duplicates, want the 100 that were delivered twice", d)
	}
	if s := c.Stats(); s.Connects < 7 || s.Resent.Lines != 0 {
		t.Errorf("stats %+v", s)
	}
}

// A connection that has been idle may have vanished without a trace, as behind a NAT.
func TestStreamIdleReconnect(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, proper)
	config := stream(r.address)
	config.IdleReconnect = 20 * time.Millisecond
	c := newClient(t, config)
	batches := deliverAll(t, c, 3, func(int) { time.Sleep(60 * time.Millisecond) })
	closeClient(t, c)
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	if s := c.Stats(); s.Connects != 3 || s.Acknowledged.Lines != 300 {
		t.Errorf("stats %+v", s)
	}
}

// A receiver that accepts and never reads swallows what fits into the kernels. All of it is sent
// again, to the next server.
func TestStreamBlackHole(t *testing.T) {
	t.Parallel()
	dead, good := newReceiver(t, blackHole), newReceiver(t, proper)
	config := stream(dead.address, good.address)
	config.ReadTimeout = time.Second // which the good one has too
	config.Window = 15_000
	c := newClient(t, config)
	batches := deliverAll(t, c, 10, nil)
	closeClient(t, c)
	if d := wantAll(t, batches, good); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	if diff := cmp.Diff([]string{"timeout"}, failures(c.Stats())); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

// Replies are read all the time, so that a receiver that answers goes on reading.
func TestStreamReplies(t *testing.T) {
	t.Parallel()
	answer := []byte(strings.Repeat("put: illegal argument\n", 6000)) // 132 kB
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		_ = c.SetWriteBuffer(4 << 10)
		for r.readTo(c, 1000) == nil {
			_, _ = c.Write(answer)
		}
		c.Close()
	})
	c := newClient(t, stream(r.address))
	batches := deliverAll(t, c, 10, nil)
	closeClient(t, c)
	if d := wantAll(t, batches, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
	s := c.Stats()
	if want := 6000 * (s.Sent.Bytes / 1000); s.Replies.Lines < want || s.Connects != 1 {
		t.Errorf("%d replies, want %d; stats %+v", s.Replies.Lines, want, s)
	}
}

// Where the server is gone for good, Close says what is lost, in time.
func TestStreamCloseGivesUp(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(_ *receiver, c *net.TCPConn) {
		time.Sleep(20 * time.Millisecond)
		c.Close()
	})
	c := newClient(t, stream(r.address))
	deliver(t, c, batch("x", 7))
	r.listener.Close()
	start := time.Now()
	err := c.Close(within(t, 300*time.Millisecond))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("Close took %v, it had 300 ms", took)
	}
	if err == nil || !strings.Contains(err.Error(), "7 lines are not acknowledged") {
		t.Errorf("Close: %v, want the lines that are lost", err)
	}
	if again := c.Close(t.Context()); again != err { //nolint:errorlint // the same one
		t.Errorf("second Close: %v, want the same", again)
	}
	if s := c.Stats(); s.Retained.Lines != 0 {
		t.Errorf("after Close: %+v", s)
	}
}

// A cancelled batch is broken off; the ones before it stay safe.
func TestStreamCancelled(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, blackHole, proper)
	config := stream(r.address)
	config.Window = 64 << 20
	c := newClient(t, config)
	first := batch("first", 10)
	deliver(t, c, first)
	big := batch("big", 500_000)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	result, err := c.Deliver(ctx, big, 500_000)
	if err == nil || result.Acknowledged || !result.Written {
		t.Fatalf("%+v, %v: want it written in part and an error", result, err)
	}
	deliver(t, c, big)
	closeClient(t, c)
	if d := wantAll(t, [][]byte{first, big}, r); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
}

// The window goes first: receivers that keep the point that came last need the order.
func TestStreamOrder(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(_ *receiver, c *net.TCPConn) {
		_, _ = io.CopyN(io.Discard, c, 10)
		time.Sleep(20 * time.Millisecond)
		_ = c.SetLinger(0)
		c.Close()
	}, proper)
	c := newClient(t, stream(r.address))
	deliver(t, c, []byte("a 1 1\n"))
	deliver(t, c, []byte("a 2 2\n"))
	time.Sleep(100 * time.Millisecond)
	deliver(t, c, []byte("a 3 3\n"))
	closeClient(t, c)
	r.mu.Lock()
	defer r.mu.Unlock()
	if got, want := r.data.String(), "a 1 1\na 2 2\na 3 3\n"; got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}
