package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	dialLimit = 5 * time.Second       // for the server to accept a connection
	idleAfter = 30 * time.Millisecond // a connection that carries nothing
)

var (
	errReset = errors.New("the proxy has reset the connection")
	errWrite = errors.New("the other side does not read any more")
)

// A link is a connection from a client, and the one to the server that belongs to it.
type link struct {
	proxy  *Proxy
	client *net.TCPConn
	life   context.Context
	end    context.CancelFunc

	left atomic.Int64 // bytes to the server until the reset, where there is one
	dead atomic.Bool  // neither side hears of the other again

	// broken says that the server has reset the connection. Only one of the two directions is told so; for the other it
	// looks like an end in order, which the client must not take it for.
	broken atomic.Bool

	moved atomic.Int64 // when something was passed on last, in nanoseconds

	mu     sync.Mutex
	server *net.TCPConn // nil until it was dialled
}

// A stream is one side of a link.
type stream interface {
	io.ReadWriter
	CloseWrite() error
}

func newLink(p *Proxy, client *net.TCPConn) *link {
	l := &link{proxy: p, client: client}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

func (l *link) budget(n int) { l.left.Store(int64(n)) }

// reset breaks off both sides at once. What they have not read is lost.
func (l *link) reset() {
	l.end()
	breakOff(l.client)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		breakOff(l.server)
	}
}

func (l *link) resetWhenIdle() {
	for {
		idle := time.Since(time.Unix(0, l.moved.Load()))
		if idle >= idleAfter {
			l.reset()
			return
		}
		select {
		case <-time.After(idleAfter - idle):
		case <-l.life.Done():
			return
		}
	}
}

func breakOff(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

func (l *link) run() {
	defer l.end()
	defer l.client.Close()
	if _, err := l.await(func(f Fault) bool { return f.holdUp }); err != nil { // a black hole does not even dial
		return
	}
	server, err := l.dial()
	if err != nil {
		l.reset()
		return
	}
	defer server.Close()
	var client stream = l.client
	if l.proxy.secure != nil {
		client = tls.Server(l.client, l.proxy.secure)
	}
	var down sync.WaitGroup
	down.Go(func() { l.pump(client, server, holdDown, nil) })
	l.pump(server, client, holdUp, &l.left)
	down.Wait()
}

func holdUp(f Fault) bool   { return f.holdUp }
func holdDown(f Fault) bool { return f.holdDown }

func (l *link) dial() (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(l.life, dialLimit)
	defer cancel()
	_, target, _ := l.proxy.now()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", target)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server = conn.(*net.TCPConn)
	if l.life.Err() != nil {
		breakOff(l.server)
		return nil, errReset
	}
	return l.server, nil
}

// pump passes on one direction until its end, which it passes on too. Anything else resets the link.
func (l *link) pump(to, from stream, held func(Fault) bool, left *atomic.Int64) {
	buffer := make([]byte, maxChunk)
	for {
		n, err := l.step(to, from, held, left, buffer)
		switch {
		case errors.Is(err, io.EOF) && !l.broken.Load():
			_ = to.CloseWrite()
			return
		case errors.Is(err, errWrite) && left != nil:
			l.broken.Store(true)
			return // the server may have said why
		case err != nil:
			l.reset()
			return
		}
		if left == nil {
			continue
		}
		if f, _, _ := l.proxy.now(); f.limit > 0 && left.Add(int64(-n)) <= 0 {
			l.reset()
			return
		}
	}
}

// step passes on a chunk. The fault may begin while it waits for one, which is then held too.
func (l *link) step(to, from stream, held func(Fault) bool, left *atomic.Int64, buffer []byte) (int, error) {
	f, err := l.await(held)
	if err != nil {
		return 0, err
	}
	remaining := 0
	if left != nil {
		remaining = int(left.Load())
	}
	n, err := from.Read(buffer[:f.chunk(remaining)])
	if n == 0 {
		if _, resetErr := l.await(held); resetErr != nil {
			return 0, resetErr
		}
		return 0, err
	}
	if f, err = l.await(held); err != nil {
		return 0, err
	}
	if err := l.pace(f, n); err != nil {
		return 0, err
	}
	l.moved.Store(time.Now().UnixNano())
	if _, err = to.Write(buffer[:n]); err != nil {
		return 0, errors.Join(errWrite, err)
	}
	return n, nil
}

// await waits for as long as the fault holds the direction.
func (l *link) await(held func(Fault) bool) (Fault, error) {
	for {
		f, _, changed := l.proxy.now()
		if l.dead.Load() {
			changed = nil
		} else if !held(f) {
			return f, l.life.Err()
		}
		select {
		case <-changed:
		case <-l.life.Done():
			return f, errReset
		}
	}
}

// pace takes the time that n bytes take at the rate of the fault, unless that ends.
func (l *link) pace(f Fault, n int) error {
	if f.rate == 0 {
		return nil
	}
	timer := time.NewTimer(time.Duration(n) * time.Second / time.Duration(f.rate))
	defer timer.Stop()
	_, _, changed := l.proxy.now()
	select {
	case <-timer.C:
	case <-changed:
	case <-l.life.Done():
		return errReset
	}
	return nil
}
