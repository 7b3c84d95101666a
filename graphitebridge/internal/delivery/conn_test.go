package delivery

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A resetConn is a connection that the server has reset, which only its half-close notices. Reading
// ends after that.
type resetConn struct {
	net.Conn
	reset chan struct{}
	end   error
}

func (c *resetConn) SetReadDeadline(time.Time) error { return nil }

func (c *resetConn) CloseWrite() error {
	close(c.reset)
	return os.NewSyscallError("shutdown", syscall.ENOTCONN)
}

func (c *resetConn) Read([]byte) (int, error) {
	<-c.reset
	return 0, c.end
}

// TestHalfCloseAfterAReset reports what the server said, or that it was a reset.
func TestHalfCloseAfterAReset(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  error
		kind Failure
		want string
	}{
		"alert": {errors.New("remote error: tls: certificate required"), FailureWrite, "certificate required"},
		"reset": {os.NewSyscallError("read", syscall.ECONNRESET), FailureReset, "reset by peer"},
		"end":   {io.EOF, FailureReset, syscall.ENOTCONN.Error()},
	} {
		raw := &resetConn{reset: make(chan struct{}), end: test.end}
		err := newConn(Server{Address: "host:1"}, raw, raw, func([]byte) {}).finish(t.Context(), time.Second)
		if err == nil || kindOf(err) != test.kind || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v of kind %v, want %q of kind %v", name, err, kindOf(err), test.want, test.kind)
		}
	}
}
