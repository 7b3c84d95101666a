package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A grumbler answers every line by an error, as OpenTSDB does with lines that it does not like, and is slow to read.
type grumbler struct {
	address string
	mu      sync.Mutex
	lines   map[string]int // by what is before the value
	ends    []error        // of connections; nil is the end of the input after a whole line
}

func newGrumbler(t *testing.T) *grumbler {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &grumbler{address: listener.Addr().String(), lines: make(map[string]int)}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { g.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return g
}

func (g *grumbler) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(answerLimit))
	err := g.answer(conn)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ends = append(g.ends, err)
}

// answer reads to the end, and then says more.
func (g *grumbler) answer(conn net.Conn) error {
	reader := bufio.NewReaderSize(conn, 1024) // most of what comes waits in the kernel
	for n := 1; ; n++ {
		text, err := reader.ReadString('\n')
		if errors.Is(err, io.EOF) && text == "" {
			_, err = io.WriteString(conn, "put: bye\n")
			return err
		}
		if err != nil {
			return err
		}
		g.mu.Lock()
		g.lines[strings.Join(strings.Fields(text)[4:], " ")+" "+strings.Fields(text)[1]]++
		g.mu.Unlock()
		if _, err := io.WriteString(conn, "put: illegal argument: "+text); err != nil {
			return err
		}
		if n%20 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// A connection with unread replies must not be closed: the receiver would be reset, with lines in its buffers.
func TestRepliesNeverResetTheReceiver(t *testing.T) {
	t.Parallel()
	Require(t)
	for mode, test := range map[graphitebridge.Mode]struct{ series, attempts int }{
		graphitebridge.Ack:    {1000, 1},
		graphitebridge.Stream: {1000, 1},
		graphitebridge.Sync:   {500, 10}, // it hears replies for a second, and not where they pause for a tenth of it
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			var err error
			for range test.attempts {
				if err = grumbleTo(t, mode, test.series); err == nil {
					return
				}
			}
			t.Error(err)
		})
	}
}

// grumbleTo sends so many series in a mode and returns what has gone wrong at the receiver.
func grumbleTo(t *testing.T, mode graphitebridge.Mode, series int) error {
	t.Helper()
	g := newGrumbler(t)
	s, many := newWideStore(t, series)
	s.start(t, graphitebridge.Config{
		Servers: []string{"tcp://" + g.address},
		Mode:    mode,
		Line:    line.Config{Format: line.OpenTSDB, Instance: "one"},
	})
	s.flush(t)
	s.shutdown(t)
	var err error
	Eventually(t, answerLimit, func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		if err = errors.Join(g.ends...); err == nil && (len(g.ends) == 0 || len(g.lines) < 3*len(many)) {
			return fmt.Errorf("%d connections ended, %d series arrived, want %d", len(g.ends), len(g.lines), 3*len(many))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the receiver's connection ended with: %w", err)
	}
	return nil
}
