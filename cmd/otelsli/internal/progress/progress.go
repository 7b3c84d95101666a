// Package progress shows what a command is waiting for, on a terminal alone.
//
//	line := progress.Start(app.Err, app.Live)
//	defer line.Stop()
//	line.Show("building ./cmd/shop")
//
// # What is shown
//
// One line that is written over, with the seconds since Start, from half a second on: what is quick
// shows nothing. Stop erases it. Where the output is no terminal nothing is written at all.
//
// # Concurrency
//
// Start starts a goroutine on a terminal, which Stop ends. Show may be called by any goroutine until
// Stop.
//
// # Cost
//
// A write of some bytes every tenth of a second.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// A Line is a line of progress.
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

// Start begins to show progress, on a terminal alone.
func Start(w io.Writer, terminal bool) *Line {
	l := &Line{w: w, began: time.Now(), quit: make(chan struct{})}
	if terminal {
		l.ended.Go(l.run)
	}
	return l
}

// Show says what is being done.
func (l *Line) Show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = term.Plain(text)
}

// Stop erases the line. It is called once.
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
