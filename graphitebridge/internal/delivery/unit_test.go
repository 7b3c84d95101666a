package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestWholeLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"a\nb\n", 10, "a\nb\n"},
		{"a\nb\n", 4, "a\nb\n"},
		{"a\nb\n", 3, "a\n"},
		{"a\nb\n", 2, "a\n"},
		{"abcdef\ng\n", 3, "abcdef\n"},
		{"abcdef\n", 3, "abcdef\n"},
	} {
		if got := tt.text[:wholeLines([]byte(tt.text), tt.limit)]; got != tt.want {
			t.Errorf("wholeLines(%q, %d): %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

// The pause is random below a ceiling that doubles up to a maximum, and leaves half of the time.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := Config{MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Second}
		ceilings := []int{100, 200, 400, 800, 1000, 1000, 1000} // milliseconds
		for round := range 70 {
			ceiling := time.Duration(ceilings[min(round, len(ceilings)-1)]) * time.Millisecond
			highest := time.Duration(0)
			for range 500 {
				d, ok := c.pause(t.Context(), round)
				if !ok || d < 0 || d > ceiling {
					t.Fatalf("round %d: %v, want up to %v", round, d, ceiling)
				}
				highest = max(highest, d)
			}
			if highest < ceiling*3/4 {
				t.Fatalf("round %d: never more than %v, want up to %v", round, highest, ceiling)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		for range 500 {
			if d, ok := c.pause(ctx, 6); !ok || d > 150*time.Millisecond {
				t.Fatalf("%v of 300 ms, want half at most", d)
			}
		}
		time.Sleep(101 * time.Millisecond)
		if d, ok := c.pause(ctx, 6); ok {
			t.Errorf("%v although there is no time for another attempt", d)
		}
	})
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stage Failure
		err   error
		want  string
	}{
		{FailureDial, syscall.ECONNREFUSED, "dial"},
		{FailureDial, &net.DNSError{Err: "no such host", IsNotFound: true}, "dns"},
		{FailureDial, &net.DNSError{Err: "slow", IsTimeout: true}, "timeout"},
		{FailureDial, syscall.ECONNRESET, "dial"},
		{FailureTLS, errors.New("certificate"), "tls"},
		{FailureTLS, syscall.ECONNRESET, "tls"},
		{FailureWrite, syscall.EPIPE, "reset"},
		{FailureWrite, &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.ECONNRESET)}, "reset"},
		{FailureWrite, os.ErrDeadlineExceeded, "timeout"},
		{FailureWrite, errors.New("disk"), "write"},
		{FailureRead, syscall.ETIMEDOUT, "timeout"},
		{FailureRead, errors.New("bad record"), "read"},
		{FailureNotAcknowledged, errEarly, "not_acknowledged"},
		{FailureNotAcknowledged, syscall.EPIPE, "reset"},
	} {
		if got := classify(tt.stage, tt.err).String(); got != tt.want {
			t.Errorf("%v while %v: %s, want %s", tt.err, tt.stage, got, tt.want)
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Ack.String() + Stream.String() + Sync.String(): "ackstreamsync",
		Mode(7).String():     "Mode(7)",
		Failure(77).String(): "Failure(77)",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for kind := range FailureKinds {
		if name := Failure(kind).String(); name == "" || strings.Contains(name, "(") {
			t.Errorf("kind %d has no name", kind)
		}
	}
}

func TestParcelCounts(t *testing.T) {
	t.Parallel()
	p := &parcel{data: []byte("aa\nbb\ncc\n"), lines: 3}
	for n, want := range map[int]Traffic{0: {}, 2: {}, 3: {1, 3}, 5: {1, 3}, 8: {2, 6}, 9: {3, 9}} {
		if got := p.prefix(n); got != want {
			t.Errorf("prefix(%d): %+v, want %+v", n, got, want)
		}
	}
}

// What a delivery allocates must not depend on the number of lines. Not parallel: other tests
// would be counted.
func TestAllocations(t *testing.T) { //nolint:paralleltest // see above
	for _, tt := range []struct {
		mode    Mode
		ceiling float64
	}{{Stream, 16}, {Ack, 70}} {
		t.Run(fmt.Sprint(tt.mode), func(t *testing.T) {
			r := newReceiver(t, func(_ *receiver, c *net.TCPConn) { discard(c) })
			config := quick(r.address)
			config.Mode, config.Window = tt.mode, 1<<30
			c := newClient(t, config)
			b := batch("x", 10_000)
			if got := testing.AllocsPerRun(50, func() { deliverQuick(t, c, b) }); got > tt.ceiling {
				t.Errorf("%v allocations, want %v at most", got, tt.ceiling)
			}
			closeClient(t, c)
		})
	}
}

func deliverQuick(t testing.TB, c *Client, b []byte) {
	if _, err := c.Deliver(t.Context(), b, 10_000); err != nil {
		t.Fatal(err)
	}
}

// discard reads to the end, with a buffer that is made once.
func discard(c *net.TCPConn) {
	buffer := make([]byte, 64<<10)
	for {
		if _, err := c.Read(buffer); err != nil {
			c.Close()
			return
		}
	}
}
