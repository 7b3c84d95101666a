package guard

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// conns are the open connections of a server. Unauthenticated ones have a limit of their own, so
// that strangers can only displace each other.
type conns struct {
	mu        sync.Mutex
	all       map[net.Conn]*conn
	strangers crowd
	known     crowd
}

func newConns(strangers, known int) *conns {
	return &conns{all: make(map[net.Conn]*conn), strangers: newCrowd(strangers), known: newCrowd(known)}
}

// A conn is one connection.
type conn struct {
	net   net.Conn
	crowd *crowd // nil: removed
	place *member
}

// connKey is the context key for the conn of a request.
type connKey struct{}

// enter implements [http.Server.ConnContext].
func (s *conns) enter(ctx context.Context, n net.Conn) context.Context {
	c := &conn{net: n}
	s.mu.Lock()
	s.all[n] = c
	drop := s.move(c, &s.strangers, address(n.RemoteAddr().String()))
	s.mu.Unlock()
	drop.cut()
	return context.WithValue(ctx, connKey{}, c)
}

// changed implements [http.Server.ConnState].
func (s *conns) changed(n net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.all[n]; c != nil {
		s.leave(c)
		delete(s.all, n)
	}
}

// admit assigns the connection of a request to an identity, as its most recently used.
func (s *conns) admit(r *http.Request, identity string) {
	c, ok := r.Context().Value(connKey{}).(*conn)
	if !ok {
		return // a server without this policy
	}
	s.mu.Lock()
	var drop *conn
	if c.crowd != nil { // otherwise it is being closed
		drop = s.move(c, &s.known, identity)
	}
	s.mu.Unlock()
	drop.cut()
}

// dismiss closes a connection after its response, unless somebody has authenticated on it.
func (s *conns) dismiss(w http.ResponseWriter, r *http.Request) {
	c, ok := r.Context().Value(connKey{}).(*conn)
	if !ok || s.knows(c) {
		return
	}
	w.Header()["Connection"] = connectionClose
	if r.ContentLength != 0 { // otherwise the server waits for the rest of the body
		_ = http.NewResponseController(w).SetReadDeadline(time.Now())
	}
}

var connectionClose = []string{"close"}

func (s *conns) knows(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.crowd == &s.known
}

// closeStrangers closes the unauthenticated connections, for [http.Server.Shutdown], which would
// give each of them up to 5 seconds.
func (s *conns) closeStrangers() {
	for {
		s.mu.Lock()
		c := s.strangers.worst()
		s.leave(c)
		s.mu.Unlock()
		if c == nil {
			return
		}
		c.cut()
	}
}

// move puts c into a crowd and returns the connection that exceeds the limit, if any.
func (s *conns) move(c *conn, to *crowd, group string) (drop *conn) {
	s.leave(c)
	c.crowd, c.place = to, to.add(c, group)
	if to.len() > to.max {
		drop = to.worst()
		s.leave(drop)
	}
	return drop
}

func (*conns) leave(c *conn) {
	if c != nil && c.crowd != nil {
		c.crowd.remove(c.place)
		c.crowd, c.place = nil, nil
	}
}

// cut closes a connection at once, without waiting and without leaving anything to the kernel.
func (c *conn) cut() {
	if c == nil {
		return
	}
	n := c.net
	if t, ok := n.(*tls.Conn); ok {
		n = t.NetConn() // tls.Conn.Close would send an alert, and wait for it
	}
	if t, ok := n.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = n.Close()
}
