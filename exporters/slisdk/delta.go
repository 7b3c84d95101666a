package slisdk

import (
	"fmt"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// deltas is what a pipeline of one name has delivered of a catalog. It is kept with the catalog,
// for the pipeline of that name that may follow.
type deltas struct {
	until     time.Time                            // the time of the last collection that was delivered
	delivered map[*otelsli.Family][]otelsli.Counts // by Point.Index

	mu    sync.Mutex
	owner *Pipeline // the last pipeline that had the name
	taken bool      // it has not been shut down
}

type deltasKey struct{ pipeline string }

// deltasOf returns what has been delivered under a name so far.
func deltasOf(catalog *otelsli.Catalog, name string) *deltas {
	return catalog.Attachment(deltasKey{name}, func() any {
		return &deltas{delivered: make(map[*otelsli.Family][]otelsli.Counts)}
	}).(*deltas)
}

// take makes p the owner. Two pipelines of one name would each deliver a part of the deltas.
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

// settle records that what b built last has been delivered by p. An export that p had abandoned
// and that returns when another pipeline has followed p is not recorded: that one may have
// collected already. The memory of the record before is b's next.
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

// advance returns since when, and what, the series of p has counted beyond what was delivered.
func (f *frame) advance(p otelsli.Point, until time.Time) (time.Time, otelsli.Counts) {
	f.read = append(f.read, p.Counts)
	if p.Index >= len(f.delivered) {
		return p.Start, p.Counts
	}
	return until, p.Counts.Sub(f.delivered[p.Index])
}
