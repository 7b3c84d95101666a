package slisdk

import (
	"fmt"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// deltas is what the pipelines of one name have delivered of a catalog. It is kept with the
// catalog, for a later pipeline of the same name.
type deltas struct {
	until     time.Time                            // time of the last collection delivered
	delivered map[*otelsli.Family][]otelsli.Counts // by Point.Index

	mu    sync.Mutex
	owner *Pipeline // the last pipeline with the name
	taken bool      // the owner has not been shut down
}

type deltasKey struct{ pipeline string }

// deltasOf returns what has been delivered under a name so far.
func deltasOf(catalog *otelsli.Catalog, name string) *deltas {
	return catalog.Attachment(deltasKey{name}, func() any {
		return &deltas{delivered: make(map[*otelsli.Family][]otelsli.Counts)}
	}).(*deltas)
}

// take makes p the owner. Two pipelines of the same name would each deliver a part of the deltas.
func (d *deltas) take(p *Pipeline) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return &otelsli.FieldError{
			Field: fmt.Sprintf("pipeline %q: name", p.name),
			Value: "that of another pipeline of the catalog",
			Want:  "a name of its own, or the other one shut down before",
		}
	}
	d.owner, d.taken = p, true
	return nil
}

func (d *deltas) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = false
}

// settle records that p has delivered the last build of b. If p abandoned an export that returns
// only after another pipeline has taken over, it is not recorded: that pipeline may have collected
// already. b reuses the memory of the previous record.
func (d *deltas) settle(p *Pipeline, b *builder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owner != p {
		return
	}
	for f, plan := range b.plans {
		d.delivered[f], plan.frame.read = plan.frame.read, d.delivered[f]
	}
	d.until = b.now
}

// A frame is one collection of a family.
type frame struct {
	delivered []otelsli.Counts
	read      []otelsli.Counts
}

func (f *frame) open(delivered []otelsli.Counts) {
	f.delivered, f.read = delivered, f.read[:0]
}

// advance returns what the series of p has counted beyond what was delivered, and since when.
func (f *frame) advance(p otelsli.Point, until time.Time) (time.Time, otelsli.Counts) {
	f.read = append(f.read, p.Counts)
	if p.Index >= len(f.delivered) {
		return p.Start, p.Counts
	}
	return until, p.Counts.Sub(f.delivered[p.Index])
}
