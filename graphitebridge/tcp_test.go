package graphitebridge

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A server is a receiver on loopback that breaks every second connection off, before it has read
// everything or after.
type server struct {
	listener net.Listener
	count    atomic.Int64
	store    receiverFake
	open     sync.WaitGroup
}

func newServer(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener: l}
	s.open.Go(s.accept)
	t.Cleanup(func() {
		l.Close()
		s.open.Wait()
	})
	return s
}

func (s *server) address() string { return "tcp://" + s.listener.Addr().String() }

func (s *server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.open.Go(func() { s.serve(c.(*net.TCPConn)) })
	}
}

func (s *server) serve(c *net.TCPConn) {
	defer c.Close()
	n := s.count.Add(1)
	breaks := n%2 == 1
	if breaks {
		_ = c.SetLinger(0) // closing resets
	}
	var text []byte
	if breaks && n%4 == 1 { // a part is read
		text = make([]byte, 150)
		k, _ := io.ReadFull(c, text)
		text = text[:k]
	} else {
		text, _ = io.ReadAll(c)
	}
	lines := strings.SplitAfter(string(text), "\n")
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.read(lines[:len(lines)-1])
}

// TestOverTCP delivers through connections that break.
func TestOverTCP(t *testing.T) {
	t.Parallel()
	for _, increments := range []bool{false, true} {
		t.Run(fmt.Sprint(increments), func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			c := quiet()
			c.Servers = []string{s.address()}
			c.Line.Format = line.OpenTSDB
			c.Increments = increments
			c.BatchBytes = 400
			c.Delivery = Delivery{MinBackoff: time.Millisecond, MaxBackoff: 5 * time.Millisecond}
			e, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			for i := range int64(4) {
				m := data(counter("a", i), counter("b", 10*i), counter("c", 100*i), sum("d", false, -i))
				for k := range 10 {
					m.ScopeMetrics[0].Metrics = append(m.ScopeMetrics[0].Metrics, counter("e", i, "k", fmt.Sprint(k)))
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				if err := e.Export(ctx, m); err != nil {
					t.Error(err)
				}
				cancel()
			}
			if err := e.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			got := s.store.newest()
			if increments {
				got = s.store.sums()
			}
			for name, want := range map[string]float64{"a;instance=i": 3, "b;instance=i": 30, "c;instance=i": 300, "e;instance=i;k=7": 3} {
				if got[name] != want {
					t.Errorf("%s is %v, want %v", name, got[name], want)
				}
			}
			if stats := e.sender.Stats(); stats.Resent.Lines == 0 || stats.Connects < 4 {
				t.Errorf("stats %+v", stats)
			}
		})
	}
}

// TestPublisherOverTCP counts events once, though its first connection breaks.
func TestPublisherOverTCP(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	c := PublisherConfig{
		UUID: "u", Service: "s", Instance: "i", Server: s.address(), Logger: quiet().Logger,
		Delivery: Delivery{MinBackoff: time.Millisecond, MaxBackoff: 5 * time.Millisecond},
	}
	p, err := NewPublisher(c)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		p.Send(ResponseFailure, "m", nil)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.store.sums()["error-budget.counters.u;service=s;response_type=failure;method_name=m;instance=i"]; got != 100 {
		t.Errorf("%v events", got)
	}
}

// TestNobodyListens: the error says who should.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	const nobody = "tcp://127.0.0.1:1"
	c := quiet()
	c.Servers = []string{nobody}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	err = e.Export(ctx, data(counter("a", 1)))
	if err == nil || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), nobody) || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if err := e.Shutdown(ctx); err == nil {
		t.Error("Shutdown does not say that something was not sent")
	}
	sync, err := NewPublisher(PublisherConfig{UUID: "u", Service: "s", Server: nobody, Synchronous: true, Logger: c.Logger})
	if err != nil {
		t.Fatal(err)
	}
	if sync.Send(ResponseSuccess, "m", nil) || sync.Refused() != 1 {
		t.Error("an event was sent to nobody")
	}
	if err := sync.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
