package faults

// A Fault is a way in which a [Proxy] misbehaves. Its zero value is [None].
type Fault struct {
	refuse   bool
	holdUp   bool // nothing is passed on to the server
	holdDown bool // nothing is passed on to the client
	rate     int  // bytes per second of each direction; 0: as fast as they come
	vanish   bool // what is connected is dead for ever
	limit    int  // bytes to the server after which a connection is reset; 0: none
}

// None passes everything on.
func None() Fault { return Fault{} }

// Refuse closes the port, and resets what is connected once it is idle.
func Refuse() Fault { return Fault{refuse: true} }

// BlackHole accepts connections and reads nothing from them, as a process that has been stopped.
func BlackHole() Fault { return Fault{holdUp: true, holdDown: true} }

// Mute passes on what the client sends and holds back all answers, as a server that is stuck.
func Mute() Fault { return Fault{holdDown: true} }

// Slow passes on so many bytes in a second, of each connection in each direction.
func Slow(bytesPerSecond int) Fault { return Fault{rate: max(bytesPerSecond, 1)} }

// Reset breaks off each connection once so many bytes more have been sent to the server: by RST, to both sides.
func Reset(after int) Fault { return Fault{limit: max(after, 1)} }

// Vanish leaves what is connected without any sign of life for ever, and serves new connections: a host that was
// switched off and replaced, or a firewall that has forgotten the connection.
func Vanish() Fault { return Fault{vanish: true} }

// chunk is how much is read at once, so that a rate is kept and a limit is not passed.
func (f Fault) chunk(left int) int {
	n := maxChunk
	if f.rate > 0 {
		n = max(f.rate/slowSteps, 1)
	}
	if f.limit > 0 {
		n = min(n, max(left, 1))
	}
	return n
}

const (
	maxChunk  = 4 << 10
	slowSteps = 20 // in a second
)
