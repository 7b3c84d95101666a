package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"
)

// A target is a receiver that can be ill-treated.
type target interface {
	start() error
	listens() string
	signal(os.Signal)
	end(os.Signal)
	settle()                    // returns once everything that was read is stored
	arrived() (arrivals, error) // ends it
}

// A scenario is a receiver and what happens to it.
type scenario struct {
	receiver string
	event    string
	target   func(dir string) (target, error)
	harm     func(ctx context.Context, s *stage)
	interval time.Duration // between two batches of a way
	proxied  bool
	tear     bool
	blind    bool // duplicates cannot be seen
	mayLose  bool // what the receiver had read, but not stored
	slow     bool // takes twice the time
}

// A stage is a scenario that runs.
type stage struct {
	target target
	proxy  *proxy
	gate   *gate
	events int
	err    error
}

const (
	usual  = 20 * time.Millisecond
	often  = 500 * time.Millisecond
	seldom = 1200 * time.Millisecond
)

func tap(idle time.Duration, replies bool) func(string) (target, error) {
	return func(dir string) (target, error) { return newTap(dir, idle, replies) }
}

var scenarios = []scenario{
	{receiver: "tap", event: "SIGKILL at random", target: tap(0, false), harm: kills(syscall.SIGKILL, often), interval: usual},
	{receiver: "tap", event: "SIGKILL while frozen", target: tap(0, false), harm: frozen, interval: usual},
	{receiver: "tap", event: "closes idle connections", target: tap(30*time.Millisecond, false), harm: nothing, interval: 100 * time.Millisecond},
	{receiver: "tap", event: "stalls", target: tap(0, false), harm: stalls, interval: usual},
	{receiver: "tap", event: "answers errors, SIGKILL", target: tap(0, true), harm: kills(syscall.SIGKILL, often), interval: usual},
	{receiver: "tap", event: "black hole", target: tap(0, false), harm: holes, interval: usual, proxied: true},
	{receiver: "tap", event: "torn in the middle of lines", target: tap(0, false), harm: nothing, interval: usual, proxied: true, tear: true},
	{receiver: "carbon-cache", event: "SIGTERM at random", target: newCarbon, harm: kills(syscall.SIGTERM, seldom), interval: 2 * usual, blind: true, mayLose: true, slow: true},
	{receiver: "carbon-cache", event: "SIGKILL while frozen", target: newCarbon, harm: frozen, interval: 2 * usual, blind: true, slow: true},
	{receiver: "VictoriaMetrics", event: "SIGTERM at random", target: newVictoria, harm: kills(syscall.SIGTERM, often), interval: usual},
	{receiver: "VictoriaMetrics", event: "SIGKILL while frozen", target: newVictoria, harm: frozen, interval: usual},
	{receiver: "VictoriaMetrics", event: "SIGKILL at random", target: newVictoria, harm: kills(syscall.SIGKILL, often), interval: usual, mayLose: true},
}

// pause waits for about d and reports whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d/2 + rand.N(d)):
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *stage) restart() {
	if err := s.target.start(); err != nil {
		s.err = err
	}
	s.events++
}

func nothing(ctx context.Context, _ *stage) { <-ctx.Done() }

func kills(signal os.Signal, about time.Duration) func(context.Context, *stage) {
	return func(ctx context.Context, s *stage) {
		for pause(ctx, about) && s.err == nil {
			s.target.end(signal)
			pause(ctx, 100*time.Millisecond)
			s.restart()
		}
	}
}

// frozen kills a receiver that has stored all it has read, with lines in its kernel buffers.
func frozen(ctx context.Context, s *stage) {
	for pause(ctx, 300*time.Millisecond) && s.err == nil {
		s.gate.Lock()
		s.target.settle()
		s.target.signal(syscall.SIGSTOP)
		s.gate.Unlock()
		pause(ctx, 300*time.Millisecond)
		s.target.end(syscall.SIGKILL)
		s.restart()
	}
}

// stalls freezes a receiver for a while.
func stalls(ctx context.Context, s *stage) {
	for pause(ctx, 300*time.Millisecond) {
		s.target.signal(syscall.SIGSTOP)
		pause(ctx, 600*time.Millisecond)
		s.target.signal(syscall.SIGCONT)
		s.events++
	}
}

// holes makes the way to the receiver a black hole for a while: connections stay open and nothing
// is read from them.
func holes(ctx context.Context, s *stage) {
	for pause(ctx, 400*time.Millisecond) {
		s.proxy.hole.Store(true)
		pause(ctx, 300*time.Millisecond)
		s.proxy.hole.Store(false)
		s.proxy.drop()
		s.events++
	}
}

// An outcome is what the table shows of a scenario.
type outcome struct {
	scenario scenario
	events   int
	results  []result // in the order of ways
	err      error
}

// run runs the scenario for some time, in a folder of its own.
func (sc scenario) run(dir string, d time.Duration) outcome {
	o := outcome{scenario: sc}
	s, loads, err := sc.open(dir)
	if err != nil {
		o.err = err
		return o
	}
	if sc.slow {
		d *= 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var running sync.WaitGroup
	for _, l := range loads {
		running.Go(func() {
			l.run(ctx)
			l.sender.close()
		})
	}
	sc.harm(ctx, s)
	running.Wait()
	if s.proxy != nil {
		s.proxy.close()
	}
	got, err := s.target.arrived()
	o.events, o.err = s.events, err
	if s.err != nil {
		o.err = s.err
	}
	for _, l := range loads {
		o.results = append(o.results, l.judge(got))
	}
	return o
}

func (sc scenario) open(dir string) (*stage, []*load, error) {
	t, err := sc.target(dir)
	if err != nil {
		return nil, nil, err
	}
	if err := t.start(); err != nil {
		return nil, nil, err
	}
	s := &stage{target: t, gate: new(gate)}
	address := t.listens()
	if sc.proxied {
		if s.proxy, err = newProxy(address, sc.tear); err != nil {
			return nil, nil, err
		}
		address = s.proxy.listener.Addr().String()
	}
	var loads []*load
	for _, way := range ways {
		sender, err := newSender(way, address)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", way, err)
		}
		loads = append(loads, &load{way: way, sender: sender, batch: 10, interval: sc.interval, gate: s.gate})
	}
	return s, loads, nil
}
