package work

import (
	"context"
	"sync/atomic"

	"github.com/otelsli/otelsli-go/otelsli"
)

type ours struct {
	sli    *otelsli.SLI[Labels]
	series []Labels
}

func newOurs(n int) counters {
	_, sli := declared(n)
	return &ours{sli: sli, series: combinations(n)}
}

func (c *ours) bound(i int) func(int) {
	ctx, bound := context.Background(), c.sli.With(c.series[i])
	return func(n int) {
		for range n {
			bound.Record(ctx, otelsli.Success)
		}
	}
}

func (c *ours) labelled(series []Labels) func(int) {
	ctx, sli := context.Background(), c.sli
	return func(n int) {
		for i := range n {
			sli.Record(ctx, series[i&(len(series)-1)], otelsli.Success)
		}
	}
}

func (c *ours) counted() (sum int64) {
	for _, l := range c.series {
		sum += c.sli.With(l).Counts().Total()
	}
	return sum
}

// atomics are the limit. Each is on a cache line of its own, so that they do not disturb each other.
type atomics struct {
	cells  []paddedInt64
	byName map[Labels]*paddedInt64
}

type paddedInt64 struct {
	atomic.Int64
	_ [56]byte
}

func newAtomics(n int) counters {
	c := &atomics{cells: make([]paddedInt64, n), byName: make(map[Labels]*paddedInt64, n)}
	for i, l := range combinations(n) {
		c.byName[l] = &c.cells[i]
	}
	return c
}

func (c *atomics) bound(i int) func(int) {
	cell := &c.cells[i]
	return func(n int) {
		for range n {
			cell.Add(1)
		}
	}
}

func (c *atomics) labelled(series []Labels) func(int) {
	byName := c.byName
	return func(n int) {
		for i := range n {
			byName[series[i&(len(series)-1)]].Add(1)
		}
	}
}

func (c *atomics) counted() (sum int64) {
	for i := range c.cells {
		sum += c.cells[i].Load()
	}
	return sum
}
