package delivery

import (
	"sync"
	"time"
)

// A Traffic is an amount of text.
type Traffic struct{ Lines, Bytes int64 }

func (t *Traffic) add(o Traffic) {
	t.Lines += o.Lines
	t.Bytes += o.Bytes
}

// Stats are the totals of a [Client] since it was made.
type Stats struct {
	// Connects is the number of connections opened, including their TLS handshake.
	Connects int64
	// Failures counts failed attempts, by kind.
	Failures [FailureKinds]int64

	// Sent is what was handed to the kernel, including repeats. A line counts once all of it was.
	Sent Traffic
	// Resent is the part of Sent that had been sent before.
	Resent Traffic
	// Acknowledged is what receivers have acknowledged: in Stream mode this is later than Deliver
	// returns; in Sync mode it is what was written in order.
	Acknowledged Traffic
	// Retained is what Stream currently holds, sent but not acknowledged.
	Retained Traffic
	// Replies is what receivers have sent.
	Replies Traffic

	// LastSuccess is when a batch was last acknowledged, or taken over by Stream; zero before the
	// first.
	LastSuccess time.Time
}

// counters are [Stats] for concurrent updates.
type counters struct {
	mu    sync.Mutex
	stats Stats
}

func (c *counters) update(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

func (c *counters) read() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

func (c *counters) sent(sent, resent Traffic) {
	c.update(func(s *Stats) {
		s.Sent.add(sent)
		s.Resent.add(resent)
	})
}

func (c *counters) acknowledged(t Traffic) {
	if t.Lines == 0 {
		return
	}
	c.update(func(s *Stats) {
		s.Acknowledged.add(t)
		s.LastSuccess = time.Now()
	})
}

func (c *counters) failed(f Failure) {
	c.update(func(s *Stats) { s.Failures[f]++ })
}
