package slihttp

import (
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// thresholds holds the thresholds of the routes of one SLI, which the SLI asks for when a series is
// created. Recorders that share an SLI share it, because the SLI keeps the function of the first.
type thresholds struct {
	mu       sync.Mutex
	byLabels map[Labels]time.Duration
}

type thresholdsKey struct{ sli string }

// thresholdsOf returns the thresholds of an SLI of the catalog.
func thresholdsOf(c *otelsli.Catalog, sli string) *thresholds {
	return c.Attachment(thresholdsKey{sli}, func() any {
		return &thresholds{byLabels: make(map[Labels]time.Duration)}
	}).(*thresholds)
}

// get returns the threshold of a combination, or 0 if none was set.
func (t *thresholds) get(l Labels) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byLabels[l]
}

// set stores the threshold of combinations that are about to be declared.
func (t *thresholds) set(all []Labels, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range all {
		t.byLabels[l] = d
	}
}
