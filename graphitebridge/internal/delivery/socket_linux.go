package delivery

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// outstanding returns how many bytes the peer's kernel has not acknowledged, and the pending error
// of the socket. known is false for a connection without a socket of its own.
func outstanding(c net.Conn) (n int, known bool, err error) {
	controlErr := control(c, func(fd int) error {
		var pending int
		if n, err = unix.IoctlGetInt(fd, unix.SIOCOUTQ); err != nil {
			return err
		}
		if pending, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
			return err
		}
		if pending != 0 {
			return syscall.Errno(pending)
		}
		return nil
	})
	if errors.Is(controlErr, errors.ErrUnsupported) {
		return 0, false, nil
	}
	return n, true, controlErr
}

// peerEnded reports whether the peer's end of file has arrived, read or not.
func peerEnded(c net.Conn) bool {
	const closeWait = 8 // TCP_CLOSE_WAIT of the kernel's tcp_states.h
	var info *unix.TCPInfo
	err := control(c, func(fd int) (err error) {
		info, err = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		return err
	})
	return err == nil && info.State == closeWait
}

// limitUnacknowledged makes the kernel abort the connection once data has been unacknowledged for
// d.
func limitUnacknowledged(c net.Conn, d time.Duration) {
	_ = control(c, func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(max(d.Milliseconds(), 1)))
	})
}

func control(c net.Conn, f func(fd int) error) error {
	s, ok := c.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}
