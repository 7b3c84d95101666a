// Package freeport finds ports for the servers that tests start, and start again.
//
// A port that the system has chosen (":0") and that was closed again is not one to count on: until the server listens,
// the system may give it to the next one who asks, which in tests that run side by side is soon. The ports of this
// package are below those that Linux (from 32768) and others (from 49152) choose from, for listeners and for outgoing
// connections: nobody has one of them by chance.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
)

// The ports are from first on, below those of Kubernetes' services.
const (
	first = 20_000
	count = 10_000
)

var given struct {
	sync.Mutex
	ports map[int]bool
}

// Addr returns an address of 127.0.0.1 with a TCP port on which nothing listens, never the same one twice in a process.
func Addr() (string, error) {
	given.Lock()
	defer given.Unlock()
	if given.ports == nil {
		given.ports = make(map[int]bool)
	}
	// At random: another process looks for ports too.
	for _, n := range rand.Perm(count) {
		if given.ports[n] {
			continue
		}
		addr := fmt.Sprintf("127.0.0.1:%d", first+n)
		switch err := try(addr); {
		case err == nil:
			given.ports[n] = true
			return addr, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return "", fmt.Errorf("find a free port: %w", err)
		}
	}
	return "", fmt.Errorf("find a free port: all from %d to %d are taken", first, first+count-1)
}

func try(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return listener.Close()
}
