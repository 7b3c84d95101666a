package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/internal/freeport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long is a time that no test is to reach.
const long = 60 * time.Second

// A receiver is a TCP server whose connections are handled by functions of the test: the first
// connection by the first function and so on, the last function taking all further ones.
type receiver struct {
	address  string
	listener net.Listener
	handlers []handler

	handling sync.WaitGroup
	stop     chan struct{} // closed when the test ends: a handler that blocks waits for it

	mu    sync.Mutex
	data  bytes.Buffer // all that handlers have read
	conns int
	open  []net.Conn
}

type handler func(r *receiver, c *net.TCPConn)

func newReceiver(t testing.TB, handlers ...handler) *receiver {
	return listenAt(t, "127.0.0.1:0", handlers...)
}

func listenAt(t testing.TB, address string, handlers ...handler) *receiver {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{address: l.Addr().String(), listener: l, handlers: handlers, stop: make(chan struct{})}
	r.handling.Go(r.accept)
	t.Cleanup(func() {
		close(r.stop)
		r.listener.Close()
		r.mu.Lock()
		for _, c := range r.open {
			c.Close()
		}
		r.mu.Unlock()
		r.handling.Wait()
	})
	return r
}

func (r *receiver) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		h := r.handlers[min(r.conns, len(r.handlers)-1)]
		r.conns++
		r.open = append(r.open, c)
		r.mu.Unlock()
		r.handling.Go(func() { h(r, c.(*net.TCPConn)) })
	}
}

func (r *receiver) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conns
}

// take records what the receiver's application has read.
func (r *receiver) take(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.data.Write(p)
}

// lines returns how often every line was read. What has no end is not a line.
func (r *receiver) lines() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := make(map[string]int)
	for line := range strings.Lines(r.data.String()) {
		if strings.HasSuffix(line, "\n") {
			counts[line]++
		}
	}
	return counts
}

// readTo copies to the record until the connection ends and returns how it ended.
func (r *receiver) readTo(c io.Reader, limit int) error {
	buffer := make([]byte, 8<<10)
	for limit > 0 {
		n, err := c.Read(buffer[:min(limit, len(buffer))])
		r.take(buffer[:n])
		limit -= n
		if err != nil {
			return err
		}
	}
	return nil
}

const everything = 1 << 40

// proper reads to the end and closes, as receivers do.
func proper(r *receiver, c *net.TCPConn) {
	_ = r.readTo(c, everything)
	c.Close()
}

// reset reads some bytes and breaks the connection off.
func reset(after int) handler {
	return func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(c, after)
		_ = c.SetLinger(0)
		c.Close()
	}
}

// die reads some bytes and closes with the rest unread.
func die(after int) handler {
	return func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(c, after)
		c.Close()
	}
}

// blackHole never reads.
func blackHole(r *receiver, c *net.TCPConn) {
	<-r.stop
	c.Close()
}

// slow reads little at a time.
func slow(bytes int, pause time.Duration) handler {
	return func(r *receiver, c *net.TCPConn) {
		for r.readTo(c, bytes) == nil {
			time.Sleep(pause)
		}
		c.Close()
	}
}

// batch returns n lines, all different. Those of two batches differ by the name.
func batch(name string, n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%s.series.%06d %d 1700000000\n", name, i, i)
	}
	return b.Bytes()
}

// quick is a configuration whose time limits suit a test.
func quick(servers ...string) Config {
	c := Config{
		DialTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		ReadTimeout:  20 * time.Second,
		MinBackoff:   2 * time.Millisecond,
		MaxBackoff:   20 * time.Millisecond,
	}
	for _, s := range servers {
		c.Servers = append(c.Servers, Server{Address: s})
	}
	return c
}

func newClient(t testing.TB, config Config) *Client {
	t.Helper()
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = c.Close(ctx)
	})
	return c
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// deliver delivers and fails the test unless it is acknowledged.
func deliver(t testing.TB, c *Client, lines []byte) Result {
	t.Helper()
	result, err := c.Deliver(within(t, long), lines, int(countLines(lines)))
	if err != nil || !result.Acknowledged || !result.Written {
		t.Fatalf("Deliver: %+v, %v; want it written and acknowledged", result, err)
	}
	return result
}

// wantAll checks that the receivers together have read every line of the batches, and nothing
// else, and returns how many more lines they have read than there are.
func wantAll(t testing.TB, batches [][]byte, receivers ...*receiver) (duplicates int) {
	t.Helper()
	missing, duplicates, alien := compare(batches, receivers)
	if missing > 0 {
		t.Errorf("%d lines are lost", missing)
	}
	if alien != "" {
		t.Errorf("a receiver read a line that was never sent: %q", alien)
	}
	return duplicates
}

// wantAllSoon is wantAll for Sync, which does not know when a receiver has read what was written.
func wantAllSoon(t testing.TB, batches [][]byte, receivers ...*receiver) (duplicates int) {
	t.Helper()
	eventually(t, "all lines are read", func() bool {
		missing, _, _ := compare(batches, receivers)
		return missing == 0
	})
	return wantAll(t, batches, receivers...)
}

// compare counts the lines that no receiver has read and those read more than once, and returns one
// that was never sent, if any was read.
func compare(batches [][]byte, receivers []*receiver) (missing, duplicates int, alien string) {
	got := make(map[string]int)
	for _, r := range receivers {
		for line, n := range r.lines() {
			got[line] += n
		}
	}
	for line := range strings.Lines(string(bytes.Join(batches, nil))) {
		if got[line] == 0 {
			missing++
		}
		duplicates += max(got[line]-1, 0)
		delete(got, line)
	}
	for line := range got {
		return missing, duplicates, line
	}
	return missing, duplicates, ""
}

// eventually waits for something that happens in another goroutine.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(long); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, long)
		}
	}
}

// nobody is an address at which nobody listens, and at which no other test that lets the system choose a
// port ever will.
const nobody = "127.0.0.1:1"

// later returns an address at which nobody listens yet.
func later(t testing.TB) string {
	t.Helper()
	address, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// unhurried repeats a test whose sides have to keep a pace, until the machine has let them: it succeeds if
// one of a few attempts does.
func unhurried(t *testing.T, attempt func() error) {
	t.Helper()
	var err error
	for range 10 {
		if err = attempt(); err == nil {
			return
		}
	}
	t.Errorf("ten times; at last: %v", err)
}

// failures lists the kinds that were counted.
func failures(s Stats) (kinds []string) {
	for kind, n := range s.Failures {
		if n > 0 {
			kinds = append(kinds, Failure(kind).String())
		}
	}
	slices.Sort(kinds)
	return kinds
}
