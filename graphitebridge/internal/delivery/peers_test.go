package delivery

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// The server that worked last is tried first; after a while the first one is again.
func TestFailover(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Ack, Stream} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			address := later(t)
			second := newReceiver(t, proper)
			config := quick(address, second.address)
			config.Mode, config.Failback = mode, 2*time.Second
			c := newClient(t, config)
			batches := [][]byte{batch("a", 10), batch("b", 10)}
			deliver(t, c, batches[0])
			deliver(t, c, batches[1])
			if s := c.Stats(); s.Failures[FailureDial] != 1 {
				t.Errorf("%d failed connects, want 1", s.Failures[FailureDial])
			}

			first := listenAt(t, address, proper)
			time.Sleep(2100 * time.Millisecond)
			batches = append(batches, batch("c", 10))
			deliver(t, c, batches[2])
			closeClient(t, c)
			if d := wantAll(t, batches, first, second); d != 0 {
				t.Errorf("%d duplicates, want none", d)
			}
			if n := len(first.lines()); n != 10 {
				t.Errorf("the first server has %d lines, want the 10 that came when it was back", n)
			}
		})
	}
}

// A server that uses up all the time of a batch is not tried first for the next one.
func TestFailoverAfterDeadline(t *testing.T) {
	t.Parallel()
	dead, good := newReceiver(t, blackHole), newReceiver(t, proper)
	config := quick(dead.address, good.address)
	config.ReadTimeout = time.Minute
	c := newClient(t, config)
	b := batch("x", 5)
	if result, err := c.Deliver(within(t, time.Second), b, 5); err == nil || !result.Written {
		t.Fatalf("%+v, %v: want it written and an error", result, err)
	}
	deliver(t, c, b)
	if d := wantAll(t, [][]byte{b}, good); d != 0 {
		t.Errorf("%d duplicates, want none", d)
	}
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	l.Close()
	r := listenAt(t, "[::1]:0", proper)
	server, err := ParseServer("tcp://"+r.address+"/", 0)
	if err != nil {
		t.Fatal(err)
	}
	config := quick()
	config.Servers = []Server{server}
	b := batch("x", 100)
	deliver(t, newClient(t, config), b)
	wantAll(t, [][]byte{b}, r)
}

// A name is looked up at every connect, so that a server may move.
func TestLookupAtEveryConnect(t *testing.T) {
	t.Parallel()
	first := listenAt(t, "127.0.0.1:0", proper)
	_, port, _ := net.SplitHostPort(first.address)
	second := listenAt(t, "127.0.0.2:"+port, proper)
	var address atomic.Value
	address.Store([4]byte{127, 0, 0, 1})
	config := quick("graphite.test:" + port)
	config.Dialer = (&net.Dialer{Resolver: newResolver(t, &address)}).DialContext
	c := newClient(t, config)
	deliver(t, c, batch("a", 3))
	address.Store([4]byte{127, 0, 0, 2})
	deliver(t, c, batch("b", 4))
	if n, m := len(first.lines()), len(second.lines()); n != 3 || m != 4 {
		t.Errorf("the servers have %d and %d lines, want 3 and 4", n, m)
	}

	address.Store([4]byte{}) // no such name
	if _, err := c.Deliver(within(t, 2*time.Second), batch("c", 1), 1); err == nil {
		t.Error("delivered to a name that does not exist")
	}
	if s := c.Stats(); s.Failures[FailureDNS] == 0 {
		t.Errorf("failures: %v, want dns", failures(s))
	}
}

// newResolver asks a name server of its own, which answers with the address that is stored.
func newResolver(t *testing.T, address *atomic.Value) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := answer(buffer[:n], address.Load().([4]byte)); reply != nil {
				_, _ = server.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
		},
	}
}

// answer answers a question for an IPv4 address; 0.0.0.0 is a name that does not exist.
func answer(question []byte, address [4]byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	m.Response, m.Additionals = true, nil
	q := m.Questions[0]
	switch {
	case address == [4]byte{}:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: address},
		}}
	}
	reply, err := m.Pack()
	if err != nil {
		return nil
	}
	return reply
}
