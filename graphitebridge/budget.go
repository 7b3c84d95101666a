package graphitebridge

import (
	"log/slog"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A budget produces the lines of an [ErrorBudget].
type budget struct {
	config    ErrorBudget
	delivered *delivered
	members   map[*otelsli.Family][]*member
	all       []*budgetRow
	byName    map[string]*budgetRow
	next      int // index in all of the next row to look at
	taken     []*budgetRow
	drops     line.Drops
	merged    uint64
	since     time.Time // earliest time at which unsent counts may have started to wait
	second    int64     // time of the last reading
	logger    *slog.Logger
	warned    map[string]bool // by SLI

	family *otelsli.Family
	point  func(otelsli.Point) bool
}

// A budgetRow is the lines of one series, or of several whose names became equal when made safe.
type budgetRow struct {
	names     [len(responseTypes)]line.Name
	members   []*member
	refused   bool
	announced bool
	taken     bool      // in the current batch
	since     time.Time // when it started to wait; zero if it does not
}

// A member is one series of the catalog.
type member struct {
	*account
	row  *budgetRow
	read responses
	sent responses // while the row is taken: the value of read at that time
}

func newBudget(c ErrorBudget, d *delivered, logger *slog.Logger) *budget {
	if logger == nil {
		logger = slog.Default()
	}
	b := &budget{
		config: c, delivered: d, logger: logger,
		members: make(map[*otelsli.Family][]*member),
		byName:  make(map[string]*budgetRow),
		warned:  make(map[string]bool),
	}
	b.point = b.add
	return b
}

// update reads the catalog.
func (b *budget) update() {
	now := time.Now()
	b.since, b.second = now, now.Unix()
	for f := range b.config.Catalog.Collect() {
		if f.Name() == familyUndeclared {
			continue
		}
		b.family = f
		f.Points()(b.point)
	}
}

// familyUndeclared is the name of the one family that is not an SLI; no SLI can have this name.
const familyUndeclared = "undeclared"

func (b *budget) add(p otelsli.Point) bool {
	members := b.members[b.family]
	if p.Index >= len(members) {
		members = append(members, b.newMember(&p))
		b.members[b.family] = members
	}
	m := members[p.Index]
	m.read = responsesOf(p.Counts)
	if r := m.row; r.since.IsZero() && r.waits() {
		r.since = b.since
	}
	return true
}

func (b *budget) newMember(p *otelsli.Point) *member {
	names, reason, ok := b.config.budgetNames(b.family.Name(), p)
	m := &member{account: b.delivered.account(b.family, p.Index)}
	if !ok {
		b.drops[reason] += uint64(len(responseTypes))
		b.warn(reason)
		m.row = &budgetRow{refused: true}
		return m
	}
	m.row = b.byName[names[0].String()]
	if m.row == nil {
		m.row = &budgetRow{names: names}
		b.byName[names[0].String()] = m.row
		b.all = append(b.all, m.row)
	} else {
		b.merged++
	}
	m.sent = m.settled // in case the row is taken
	m.row.members = append(m.row.members, m)
	return m
}

// warn logs once per SLI that an agent would not accept its lines.
func (b *budget) warn(reason line.Reason) {
	sli := b.family.Name()
	if !b.warned[sli] {
		b.warned[sli] = true
		b.logger.Warn("graphitebridge: series of an SLI are left out of the error budget: want fewer or shorter labels, or a higher MaxTags",
			"sli", sli, "reason", reason.String())
	}
}

// count returns what is to be sent in addition to the current batch.
func (r *budgetRow) count() (n responses) {
	for _, m := range r.members {
		before := m.settled
		if r.taken {
			before = m.sent
		}
		for i := range n {
			n[i] += m.read[i] - before[i]
		}
	}
	return n
}

// lines returns the number of lines for that.
func (r *budgetRow) lines() (lines int) {
	for _, n := range r.count() {
		if n != 0 || !r.announced && !r.taken {
			lines++
		}
	}
	return lines
}

// waits reports whether there is something to send.
func (r *budgetRow) waits() bool {
	return !r.refused && (!r.announced || r.count() != responses{})
}

func (b *budget) begin() { b.next = 0 }

// fill appends the waiting rows.
func (b *budget) fill(batch *batch) {
	for b.next < len(b.all) && !batch.full() {
		r := b.all[b.next]
		b.next++
		if r.waits() {
			b.send(r, batch)
		}
	}
}

func (b *budget) send(r *budgetRow, batch *batch) {
	second, ok := r.members[0].clock.give(b.second, batch.now, batch.final)
	if !ok {
		return
	}
	n := r.count()
	for i, name := range r.names {
		if n[i] != 0 || !r.announced {
			batch.data = name.AppendLine(batch.data, second, line.Int(n[i]))
			batch.lines++
		}
	}
	batch.increments = true
	batch.waitsSince(r.since)
	for _, m := range r.members {
		m.sent = m.read
	}
	r.taken = true
	b.taken = append(b.taken, r)
}

func (b *budget) settle() {
	for _, r := range b.taken {
		for _, m := range r.members {
			m.settled = m.sent
		}
		r.announced, r.taken, r.since = true, false, time.Time{}
		if r.waits() {
			r.since = b.since
		}
	}
	b.taken = b.taken[:0]
}

func (b *budget) restore(bool) {
	for _, r := range b.taken {
		r.taken = false
		r.members[0].clock.takeBack()
	}
	b.taken = b.taken[:0]
	b.next = 0
}

// waiting returns how many lines wait, and when the oldest started to wait.
func (b *budget) waiting() (lines int, oldest time.Time) {
	for _, r := range b.all {
		n := r.lines()
		if n == 0 {
			continue
		}
		lines += n
		if oldest.IsZero() || r.since.Before(oldest) {
			oldest = r.since
		}
	}
	return lines, oldest
}

// A claim has one owner at a time.
type claim struct {
	mu   sync.Mutex
	held bool
}

func (c *claim) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held {
		return false
	}
	c.held = true
	return true
}

func (c *claim) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false
}
