package faults

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// smallBuffer is what a scraper that does not read lets the kernel take for it: as little as it can.
const smallBuffer = 1024

// Scrapers are clients that scrape badly, from their start until [Scrapers.Stop] or the end of the test. They state a
// timeout as Prometheus does, and connect anew when they have been cut off.
type Scrapers struct {
	t       testing.TB
	addr    string
	life    context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// NewReaders starts n scrapers that read a response at so many bytes per second; 0 is not at all.
func NewReaders(t testing.TB, addr string, n, bytesPerSecond int) *Scrapers {
	t.Helper()
	return newScrapers(t, addr, n, func(s *Scrapers, conn net.Conn) {
		s.ask(conn)
		s.read(conn, bytesPerSecond)
	})
}

// NewAborters starts n scrapers that break off each scrape, by RST, once the response has begun.
func NewAborters(t testing.TB, addr string, n int) *Scrapers {
	t.Helper()
	return newScrapers(t, addr, n, func(s *Scrapers, conn net.Conn) {
		s.ask(conn)
		_, _ = conn.Read(make([]byte, 1))
		breakOff(conn.(*net.TCPConn))
		s.sleep(50 * time.Millisecond)
	})
}

// NewHesitants starts n scrapers that send half a request, and no more.
func NewHesitants(t testing.TB, addr string, n int) *Scrapers {
	t.Helper()
	return newScrapers(t, addr, n, func(s *Scrapers, conn net.Conn) {
		_, _ = fmt.Fprintf(conn, "GET /metrics HTTP/1.1\r\nHost: %s\r\nX-Slow", s.addr)
		s.read(conn, 0)
	})
}

func newScrapers(t testing.TB, addr string, n int, scrape func(*Scrapers, net.Conn)) *Scrapers {
	t.Helper()
	s := &Scrapers{t: t, addr: addr}
	s.life, s.stop = context.WithCancel(context.Background())
	for range n {
		s.running.Go(func() {
			for s.life.Err() == nil {
				s.connect(scrape)
			}
		})
	}
	t.Cleanup(s.Stop)
	return s
}

// Stop closes all connections and returns when that is done.
func (s *Scrapers) Stop() {
	s.stop()
	s.running.Wait()
}

// connect makes one connection. The buffer has to be small before that, or the window is not.
func (s *Scrapers) connect(scrape func(*Scrapers, net.Conn)) {
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, smallBuffer)
		})
	}}
	conn, err := dialer.DialContext(s.life, "tcp", s.addr)
	if err != nil {
		s.sleep(10 * time.Millisecond)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(s.life, func() { _ = conn.Close() })()
	scrape(s, conn)
}

func (s *Scrapers) ask(conn net.Conn) {
	_, _ = fmt.Fprintf(conn, "GET /metrics HTTP/1.1\r\nHost: %s\r\nX-Prometheus-Scrape-Timeout-Seconds: 30\r\n\r\n", s.addr)
}

// read reads until the end. One who reads nothing waits for a reset, which needs no reading.
func (s *Scrapers) read(conn net.Conn, bytesPerSecond int) {
	if bytesPerSecond == 0 {
		<-s.life.Done()
		return
	}
	buffer := make([]byte, max(bytesPerSecond/slowSteps, 1))
	for s.sleep(time.Second / slowSteps) {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// sleep reports whether there is more to do.
func (s *Scrapers) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.life.Done():
		return false
	}
}
