package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
)

// A proxy stands between the ways and a receiver, and does harm.
type proxy struct {
	listener net.Listener
	to       string
	tear     bool        // each connection breaks off after some bytes
	hole     atomic.Bool // connections are accepted and not served

	mu    sync.Mutex
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

func newProxy(to string, tear bool) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, to: to, tear: tear, conns: make(map[net.Conn]bool)}
	p.done.Go(p.serve)
	return p, nil
}

func (p *proxy) serve() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.keep(c)
		if !p.hole.Load() {
			p.done.Go(func() { p.pass(c.(*net.TCPConn)) })
		}
	}
}

func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

// drop breaks off all connections.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		breakOff(c)
	}
	clear(p.conns)
}

func breakOff(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// pass carries a connection to the receiver, its ends included, or only the beginning of it.
func (p *proxy) pass(near *net.TCPConn) {
	defer near.Close()
	c, err := net.Dial("tcp", p.to)
	if err != nil {
		breakOff(near)
		return
	}
	far := c.(*net.TCPConn)
	defer far.Close()
	p.keep(far)
	if n, torn := tearAfter(); p.tear && torn {
		_ = carry(far, near, n)
		breakOff(near)
		return // and far ends in order, in the middle of a line
	}
	var back sync.WaitGroup
	back.Go(func() {
		if carry(near, far, 1<<40) != nil {
			breakOff(near)
		}
		_ = near.CloseWrite()
	})
	if carry(far, near, 1<<40) != nil {
		breakOff(far)
	}
	_ = far.CloseWrite()
	back.Wait()
}

// tearAfter says when a connection is torn: early, for those that live for a batch, or later, for
// those that are kept, or not at all, for else nothing could ever be acknowledged.
func tearAfter() (bytes int, torn bool) {
	switch rand.IntN(4) {
	case 0, 1:
		return 1 + rand.IntN(600), true
	case 2:
		return 1 + rand.IntN(20_000), true
	default:
		return 0, false
	}
}

// carry copies up to n bytes. The end of the input is no error.
func carry(to, from *net.TCPConn, n int) error {
	buffer := make([]byte, 16<<10)
	for n > 0 {
		m, err := from.Read(buffer[:min(n, len(buffer))])
		n -= m
		if _, err := to.Write(buffer[:m]); err != nil {
			return err
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.drop()
	p.done.Wait()
}
