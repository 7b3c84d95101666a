package delivery

import "fmt"

// A Mode is a delivery strategy; it determines what counts as an acknowledgement. The zero value is
// [Ack].
type Mode uint8

const (
	// Ack opens a connection for each batch and waits until the receiver has read all of it.
	Ack Mode = iota
	// Stream keeps one connection open, and keeps what it has sent until that is acknowledged.
	Stream
	// Sync makes one attempt of at most [SyncLimit] and is satisfied with an orderly write.
	Sync
)

var modeNames = [...]string{Ack: "ack", Stream: "stream", Sync: "sync"}

// String returns ack, stream or sync.
func (m Mode) String() string {
	if int(m) >= len(modeNames) {
		return fmt.Sprintf("Mode(%d)", m)
	}
	return modeNames[m]
}
