package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// A receiver does what carbon-cache does on its port: it accepts connections and reads lines to the
// end.
type receiver struct {
	listener net.Listener
	running  sync.WaitGroup

	mu   sync.Mutex
	data bytes.Buffer
}

func listen(ctx context.Context) (*receiver, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a receiver: %w", err)
	}
	r := &receiver{listener: l}
	r.running.Go(r.serve)
	return r, nil
}

func (r *receiver) address() string { return "tcp://" + r.listener.Addr().String() }

func (r *receiver) serve() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		r.running.Go(func() {
			defer c.Close() // after the end of the input: that is the acknowledgement
			_, _ = io.Copy(r, c)
		})
	}
}

// Write records what a connection has read.
func (r *receiver) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.Write(p)
}

func (r *receiver) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.String()
}

func (r *receiver) close() {
	r.listener.Close()
	r.running.Wait()
}
