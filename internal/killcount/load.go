package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// A point is one line to send. Its name and its value are its own.
type point struct {
	way   string
	round int
	index int
}

func (p point) name() string   { return fmt.Sprintf("kc_%s_%d_%d", p.way, p.round, p.index) }
func (p point) value() float64 { return float64(p.round*100 + p.index) }

var pointName = regexp.MustCompile(`kc_([a-z]+)_(\d+)_(\d+)`)

// parsePoint finds the name of a point in the name under which a receiver has it.
func parsePoint(name string) (p point, ok bool) {
	m := pointName.FindStringSubmatch(name)
	if m == nil {
		return p, false
	}
	p.way = m[1]
	p.round, _ = strconv.Atoi(m[2])
	p.index, _ = strconv.Atoi(m[3])
	return p, true
}

// A gate holds the load back while it is closed.
type gate struct{ sync.RWMutex }

// A load sends batches in one way, at an interval.
type load struct {
	way      string
	sender   sender
	batch    int
	interval time.Duration
	gate     *gate
	rounds   int // sent so far
}

// run sends until ctx is over.
func (l *load) run(ctx context.Context) {
	ticker := time.NewTicker(l.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// Not all four at the same moment.
		time.Sleep(rand.N(l.interval/4 + 1))
		l.gate.RLock()
		l.sender.send(l.points())
		l.gate.RUnlock()
	}
}

func (l *load) points() []point {
	points := make([]point, l.batch)
	for i := range points {
		points[i] = point{way: l.way, round: l.rounds, index: i}
	}
	l.rounds++
	return points
}

// A result is what became of the lines of one way.
type result struct{ sent, lost, duplicated, wrong int }

// arrivals are the values with which each point has arrived.
type arrivals map[point][]float64

// judge compares what was sent with what has arrived.
func (l *load) judge(got arrivals) (r result) {
	for round := range l.rounds {
		for i := range l.batch {
			p := point{way: l.way, round: round, index: i}
			r.sent++
			right := 0
			for _, v := range got[p] {
				if v == p.value() {
					right++
				} else {
					r.wrong++
				}
			}
			if right == 0 {
				r.lost++
			} else {
				r.duplicated += right - 1
			}
		}
	}
	return r
}
