package graphitebridge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
)

// A Mode is a delivery strategy; it determines what counts as an acknowledgement.
type Mode uint8

const (
	// Ack opens a connection for each batch, half-closes it after the last line and waits until the
	// receiver has read everything. It is the default.
	Ack Mode = iota
	// Stream keeps one connection open, and keeps what it has sent until the receiver is known to have
	// read it. It is meant for intervals of a few seconds. What it still holds when Shutdown runs out
	// of time is lost; the error says how much.
	Stream
	// Sync makes one attempt of at most a second, and is satisfied with a successful write.
	Sync
)

var (
	modeNames     = []string{"ack", "stream", "sync"}
	deliveryModes = []delivery.Mode{delivery.Ack, delivery.Stream, delivery.Sync}
)

// String returns "ack", "stream" or "sync".
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// MarshalText is the inverse of [Mode.UnmarshalText].
func (m Mode) MarshalText() ([]byte, error) {
	if int(m) >= len(modeNames) {
		return nil, fmt.Errorf("graphitebridge: %v: want Ack, Stream or Sync", m)
	}
	return []byte(modeNames[m]), nil
}

// UnmarshalText parses the text returned by [Mode.String].
func (m *Mode) UnmarshalText(text []byte) error {
	i := slices.Index(modeNames, string(text))
	if i < 0 {
		return fmt.Errorf("graphitebridge: mode %q: want one of %s", text, strings.Join(modeNames, ", "))
	}
	*m = Mode(i)
	return nil
}
