// Package progress shows on a terminal what a command is waiting for.
//
//	line := progress.Start(app.Err, app.Live)
//	defer line.Stop()
//	line.Show("building ./cmd/shop")
//
// # What is shown
//
// One line, which is overwritten, with the seconds since Start. It appears after half a second, so quick
// commands show nothing. Stop erases it. If the output is not a terminal, nothing is written.
//
// # Concurrency
//
// On a terminal, Start starts a goroutine, which Stop ends. Show may be called from any goroutine until
// Stop.
//
// # Cost
//
// A write of a few bytes every tenth of a second.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// A Line shows progress.
type Line struct {
	w     io.Writer
	began time.Time
	quit  chan struct{}
	ended sync.WaitGroup

	mu   sync.Mutex
	text string
}

const (
	erase = "\r\x1b[K"
	tick  = 100 * time.Millisecond
	quiet = 500 * time.Millisecond
)

// Start starts showing progress on w, if w is a terminal. The caller must call Stop.
func Start(w io.Writer, terminal bool) *Line {
	l := &Line{w: w, began: time.Now(), quit: make(chan struct{})}
	if terminal {
		l.ended.Go(l.run)
	}
	return l
}

// Show sets the text that says what is being done.
func (l *Line) Show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = term.Plain(text)
}

// Stop erases the line. It must be called exactly once.
func (l *Line) Stop() {
	close(l.quit)
	l.ended.Wait()
}

func (l *Line) run() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-l.quit:
			fmt.Fprint(l.w, erase)
			return
		case <-ticker.C:
			l.draw()
		}
	}
}

func (l *Line) draw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waited := time.Since(l.began); waited >= quiet && l.text != "" {
		fmt.Fprintf(l.w, "%s%s, %.1f s", erase, l.text, waited.Seconds())
	}
}
