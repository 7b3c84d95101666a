package sliotlp

import (
	"context"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/internal/lastexport"
)

// MaxWait is the longest time that an exporter waits because the receiver asked it to. If asked to
// wait longer, it tries again after MaxWait: a wrong date must not silence a service for a day.
const MaxWait = 5 * time.Minute

// patience remembers until when the receiver asked to wait.
type patience struct {
	mu    sync.Mutex
	until time.Time
	cause error // what it answered
}

// note records how long the last attempt was asked to wait.
func (p *patience) note(a *attempts) {
	if a.n == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until, p.cause = a.wait, a.cause; p.cause == nil {
		p.until = time.Time{}
	}
}

// asked returns until when to wait, and why; the zero time if there is no need to. The last export
// does not wait: there is no later one.
func (p *patience) asked(ctx context.Context) (until time.Time, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !time.Now().Before(p.until) || lastexport.Is(ctx) {
		return time.Time{}, nil
	}
	return p.until, p.cause
}
