// Package freeport finds ports for the servers that tests start, and start again.
//
// A port that the system has chosen (":0") and that was closed again cannot be relied on: until the server listens, the
// system may give it to someone else, which happens soon in parallel tests. The ports of this package are below the
// ranges from which Linux (from 32768) and others (from 49152) choose, for listeners and for outgoing connections, so
// nobody gets one by chance.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
)

// The port range starts at first and is below that of Kubernetes services.
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
	// In random order, because other processes look for ports too.
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
