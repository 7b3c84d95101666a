package slihttp

import (
	"bufio"
	"net"
	"net/http"
)

// A handler finds out by type assertion what its http.ResponseWriter can do. The wrapper must have
// exactly the optional methods of the inner writer, so each combination is a type of its own: F for
// http.Flusher, H for http.Hijacker, P for http.Pusher. http1 and http2 are those of net/http's own
// writers, which are http.CloseNotifiers too.
//
// Their only field is the request, so wrapping costs one allocation. httpsnoop.Wrap does the same
// for any hooks, with 13 allocations for those needed here; the tests check the shapes against it.
//
// All shapes have WriteString and ReadFrom, which only affect speed. All have FlushError, which may
// report that it is not supported, and those whose Unwrap chain leads to a Hijacker have Hijack: an
// http.ResponseController would otherwise bypass the wrapper for both, and the first byte would not
// be timed. Deadlines and full duplex do bypass it.
type (
	shape0   struct{ request }
	shapeF   struct{ request }
	shapeH   struct{ request }
	shapeP   struct{ request }
	shapeFH  struct{ request }
	shapeFP  struct{ request }
	shapeHP  struct{ request }
	shapeFHP struct{ request }
	http1    struct{ shapeFH }
	http2    struct{ shapeFP }
)

const (
	canFlush = 1 << iota
	canHijack
	canPush
	canNotify
)

// wrap returns a new request around w, and the same request as a writer that can do what w can.
func wrap(w http.ResponseWriter) (*request, http.ResponseWriter) {
	x, shaped := shape(w)
	x.ResponseWriter = w
	return x, shaped
}

func shape(w http.ResponseWriter) (*request, http.ResponseWriter) {
	switch can := abilities(w); can {
	case canFlush | canHijack | canNotify:
		s := new(http1)
		return &s.request, s
	case canFlush | canPush | canNotify:
		s := new(http2)
		return &s.request, s
	default:
		return otherShape(can &^ canNotify)
	}
}

// otherShape is for the writers of other middleware and of tests.
func otherShape(can int) (*request, http.ResponseWriter) {
	switch can {
	case canFlush:
		s := new(shapeF)
		return &s.request, s
	case canHijack:
		s := new(shapeH)
		return &s.request, s
	case canPush:
		s := new(shapeP)
		return &s.request, s
	case canFlush | canHijack:
		s := new(shapeFH)
		return &s.request, s
	case canFlush | canPush:
		s := new(shapeFP)
		return &s.request, s
	case canHijack | canPush:
		s := new(shapeHP)
		return &s.request, s
	case canFlush | canHijack | canPush:
		s := new(shapeFHP)
		return &s.request, s
	}
	s := new(shape0)
	return &s.request, s
}

func abilities(w http.ResponseWriter) (can int) {
	if _, ok := w.(http.Flusher); ok {
		can |= canFlush
	}
	if canBeHijacked(w) {
		can |= canHijack
	}
	if _, ok := w.(http.Pusher); ok {
		can |= canPush
	}
	if _, ok := w.(http.CloseNotifier); ok { //nolint:staticcheck // deprecated, but still asked for
		can |= canNotify
	}
	return can
}

// canBeHijacked reports whether an [http.ResponseController] for w could hijack the connection.
func canBeHijacked(w http.ResponseWriter) bool {
	for {
		switch v := w.(type) {
		case http.Hijacker:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
}

func (s *shapeF) Flush()   { _ = s.FlushError() }
func (s *shapeFH) Flush()  { _ = s.FlushError() }
func (s *shapeFP) Flush()  { _ = s.FlushError() }
func (s *shapeFHP) Flush() { _ = s.FlushError() }

func (s *shapeH) Hijack() (net.Conn, *bufio.ReadWriter, error)   { return s.hijack() }
func (s *shapeFH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return s.hijack() }
func (s *shapeHP) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return s.hijack() }
func (s *shapeFHP) Hijack() (net.Conn, *bufio.ReadWriter, error) { return s.hijack() }

func (s *shapeP) Push(target string, o *http.PushOptions) error   { return s.push(target, o) }
func (s *shapeFP) Push(target string, o *http.PushOptions) error  { return s.push(target, o) }
func (s *shapeHP) Push(target string, o *http.PushOptions) error  { return s.push(target, o) }
func (s *shapeFHP) Push(target string, o *http.PushOptions) error { return s.push(target, o) }

func (s *http1) CloseNotify() <-chan bool { return s.closeNotify() }
func (s *http2) CloseNotify() <-chan bool { return s.closeNotify() }
