//go:build !linux

package delivery

import (
	"net"
	"time"
)

// outstanding knows nothing on this system: the end of file alone decides.
func outstanding(net.Conn) (n int, known bool, err error) { return 0, false, nil }

// peerEnded cannot know on this system: the reading goroutine decides.
func peerEnded(net.Conn) bool { return false }

// limitUnacknowledged does nothing: the kernel's own limits apply.
func limitUnacknowledged(net.Conn, time.Duration) {}
