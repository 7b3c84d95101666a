package progress_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/progress"
)

// A screen is a terminal that can be read while it is written to.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		line := progress.Start(&out, true)
		line.Show("building\x1b[2J")
		time.Sleep(450 * time.Millisecond)
		synctest.Wait()
		if text := out.String(); text != "" {
			t.Errorf("what is quick shows %q", text)
		}
		time.Sleep(800 * time.Millisecond)
		line.Stop()
		if text := out.String(); !strings.Contains(text, "\r\x1b[Kbuilding[2J, 1.2 s") || !strings.HasSuffix(text, "\r\x1b[K") {
			t.Errorf("%q", text)
		}
	})
}

func TestNoTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out screen
		line := progress.Start(&out, false)
		line.Show("building")
		time.Sleep(time.Minute)
		line.Stop()
		if text := out.String(); text != "" {
			t.Errorf("%q", text)
		}
	})
}
