package configcmd

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// progress shows how far the connection attempts are: on a terminal in one line that is overwritten,
// elsewhere with a line for each pipeline that is done.
type progress struct {
	app   *cli.App
	began time.Time
	quit  chan struct{}
	ended sync.WaitGroup

	mu    sync.Mutex
	names []string // of the pipelines that are done
}

const (
	eraseLine = "\r\x1b[K"
	tick      = 100 * time.Millisecond
)

func newProgress(app *cli.App) *progress {
	p := &progress{app: app, began: time.Now(), quit: make(chan struct{})}
	if app.Live {
		p.ended.Go(p.show)
	}
	return p
}

func (p *progress) show() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-p.quit:
			fmt.Fprint(p.app.Err, eraseLine)
			return
		case <-ticker.C:
			fmt.Fprint(p.app.Err, eraseLine+p.line())
		}
	}
}

func (p *progress) line() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("connecting, %.1f s", time.Since(p.began).Seconds())
	if len(p.names) > 0 {
		text += "; answered: " + strings.Join(p.names, ", ")
	}
	return text
}

// done records that a pipeline is done.
func (p *progress) done(r setup.PipelineReport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = append(p.names, r.Name)
	if !p.app.Live {
		fmt.Fprintf(p.app.Err, "%s: %s, %.2f s\n", r.Name, term.Plain(r.Connection.Result), r.Connection.Seconds)
	}
}

func (p *progress) stop() {
	close(p.quit)
	p.ended.Wait()
}
