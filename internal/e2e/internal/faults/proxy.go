package faults

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/freeport"
)

// reopenLimit is how long a proxy tries to get back the port that it had closed.
const reopenLimit = 5 * time.Second

// A Proxy passes TCP connections on to a server, half-closes included, and misbehaves on demand.
type Proxy struct {
	t      testing.TB
	addr   string
	secure *tls.Config // nil: clients speak as the server does

	mu       sync.Mutex
	target   string
	fault    Fault
	changed  chan struct{} // closed and replaced when the fault changes
	listener net.Listener  // nil while it refuses
	links    map[*link]struct{}
	accepted int
	closed   bool

	running sync.WaitGroup
}

// A ProxyOption configures a [Proxy].
type ProxyOption interface{ applyProxy(*Proxy) }

type proxyOption func(*Proxy)

func (o proxyOption) applyProxy(p *Proxy) { o(p) }

// WithTLS ends the clients' TLS in the proxy, which speaks plainly to the server. Default and nil: the proxy does not
// look at what it passes on.
func WithTLS(config *tls.Config) ProxyOption {
	return proxyOption(func(p *Proxy) { p.secure = config })
}

// NewProxy starts a proxy for the server at target, a host:port, which ends with the test. So far it has no fault.
func NewProxy(t testing.TB, target string, options ...ProxyOption) *Proxy {
	t.Helper()
	p := &Proxy{t: t, target: target, changed: make(chan struct{}), links: make(map[*link]struct{})}
	for _, o := range options {
		o.applyProxy(p)
	}
	var err error
	if p.addr, err = freeport.Addr(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.serve(listener)
	t.Cleanup(p.close)
	return p
}

// Addr returns the host:port that clients connect to. It stays the same.
func (p *Proxy) Addr() string { return p.addr }

// Accepted returns how many connections there have been.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Set begins a fault, or ends it with [None]. Connections that exist get it too.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
	switch {
	case f.refuse:
		p.refuse()
	case p.listener == nil && !p.closed:
		p.reopen()
	}
	for l := range p.links {
		if f.limit > 0 {
			l.budget(f.limit)
		}
		if f.vanish {
			l.dead.Store(true)
		}
	}
}

// SetTarget sends new connections to another server. Those that exist are reset once they are idle, so that no request
// is lost by the change as such.
func (p *Proxy) SetTarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
	p.dropIdle()
}

// refuse needs p.mu, as the next four do.
func (p *Proxy) refuse() {
	p.stopListening()
	p.dropIdle()
}

func (p *Proxy) stopListening() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

func (p *Proxy) dropIdle() {
	for l := range p.links {
		p.running.Go(l.resetWhenIdle)
	}
}

// reopen takes the port back. A connection of somebody else may have it for a moment, where the system chooses from all.
func (p *Proxy) reopen() {
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		listener, err := net.Listen("tcp", p.addr)
		if err == nil {
			p.serve(listener)
			return
		}
		if time.Since(begin) > reopenLimit {
			p.t.Errorf("open the port of a proxy again: %v", err)
			return
		}
	}
}

func (p *Proxy) serve(listener net.Listener) {
	p.listener = listener
	p.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.accept(conn.(*net.TCPConn))
		}
	})
}

func (p *Proxy) accept(client *net.TCPConn) {
	l := newLink(p, client)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.fault.refuse {
		l.reset()
		return
	}
	p.accepted++
	l.budget(p.fault.limit)
	p.links[l] = struct{}{}
	p.running.Go(func() {
		defer p.forget(l)
		l.run()
	})
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// now returns the fault, where connections go, and what is closed when that changes.
func (p *Proxy) now() (f Fault, target string, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.target, p.changed
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.stopListening()
	for l := range p.links {
		l.reset()
	}
	p.mu.Unlock()
	p.running.Wait()
}
