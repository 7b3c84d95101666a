package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// An outage is a service with many series whose receiver is down for some time.
type outage struct {
	series     int           // combinations of labels; each is three lines
	down       time.Duration // real time
	healthy    time.Duration // before and after it
	interval   time.Duration // of exports
	increments bool
}

// A phase is what was measured in one part of the time.
type phase struct {
	name          string
	heap          uint64        // the greatest one after a collection, in bytes
	median, p99   time.Duration // of recording one event
	exports, want int           // of the other pipeline
}

// findings are what an outage did.
type findings struct {
	idle    uint64 // heap before there was a pipeline
	phases  []phase
	back    time.Duration // from the receiver's return until it had the right totals
	lines   int           // with a total of their own
	wrongAt []int         // lines with a wrong total: after the return, and after the shutdown
}

const (
	burstPause = 5 * time.Millisecond
	burstSize  = 200 // events
	heapChecks = 40  // in a phase
)

// run lets the outage happen, in a folder of its own.
func (o outage) run(ctx context.Context, dir string) (f findings, err error) {
	receiver, err := newTap(dir, 0, false)
	if err != nil {
		return f, err
	}
	tap := receiver.(*tapTarget)
	s, err := newService(o)
	if err != nil {
		return f, err
	}
	f.idle = heapNow()
	if err := tap.start(); err != nil {
		return f, err
	}
	defer tap.end(os.Kill)
	if err := s.start(ctx, tap.listens()); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()

	f.phases = append(f.phases, s.run(ctx, "before", o.healthy))
	tap.end(syscall.SIGKILL)
	f.phases = append(f.phases, s.run(ctx, "during", o.down))
	if err := tap.start(); err != nil {
		return f, err
	}
	begin := time.Now()
	wrong := s.settle(tap.file, 60*time.Second)
	f.back = time.Since(begin)
	f.phases = append(f.phases, s.run(ctx, "after", o.healthy))
	if err := s.stop(ctx); err != nil {
		return f, err
	}
	f.lines = o.series * len(countersOf)
	f.wrongAt = []int{wrong, s.wrong(tap.file)}
	return f, nil
}

// run records for some time and measures meanwhile.
func (s *service) run(ctx context.Context, name string, d time.Duration) phase {
	p := phase{name: name, want: int(d / s.interval)}
	begin, exports := time.Now(), s.other.exports.Load()
	bursts := s.bursts[:0]
	check := d / heapChecks
	for n := 1; time.Since(begin) < d; time.Sleep(burstPause) {
		if len(bursts) < cap(bursts) { // what is kept must not grow with the time
			bursts = append(bursts, s.burst(ctx))
		}
		if time.Since(begin) > time.Duration(n)*check {
			p.heap = max(p.heap, heapNow())
			n++
		}
	}
	p.exports = int(s.other.exports.Load() - exports)
	slices.Sort(bursts)
	p.median, p.p99 = bursts[len(bursts)/2], bursts[len(bursts)*99/100]
	return p
}

// heapNow returns what the heap holds that is in use.
func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// runOutage prints what the outage did, and fails where it should not have done it.
func runOutage(ctx context.Context, w io.Writer, o outage) error {
	dir, err := os.MkdirTemp("", "killcount")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := o.run(ctx, dir)
	if err != nil {
		return err
	}
	f.print(w, o)
	return f.verdict()
}

func (f findings) print(w io.Writer, o outage) {
	fmt.Fprintf(w, "receiver down for %v, %d SLI series (%d lines), an export every %v, increments: %v\n\n",
		o.down, o.series, f.lines, o.interval, o.increments)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PHASE\tHEAP\tRECORDING P50\tRECORDING P99\tEXPORTS OF THE OTHER PIPELINE")
	fmt.Fprintf(t, "no pipeline\t%s\n", mebibytes(f.idle))
	for _, p := range f.phases {
		fmt.Fprintf(t, "%s\t%s\t%v\t%v\t%d of %d\n", p.name, mebibytes(p.heap), p.median, p.p99, p.exports, p.want)
	}
	_ = t.Flush()
	fmt.Fprintf(w, "\nrecording during / before: %.2f\n", float64(f.phases[1].median)/float64(f.phases[0].median))
	fmt.Fprintf(w, "%v after the receiver was back: %d of %d totals wrong\n", f.back.Round(time.Millisecond), f.wrongAt[0], f.lines)
	fmt.Fprintf(w, "after the shutdown: %d of %d totals wrong\n", f.wrongAt[1], f.lines)
}

func mebibytes(n uint64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// heapAllowance is what an outage may add to the heap: the series are there already, so that only
// the batch and what an export has under way at the moment of the check are new.
func (f findings) heapAllowance() uint64 { return 4<<20 + f.phases[0].heap/10 }

// verdict returns what the outage did to memory, to recording, to the other pipeline or to totals.
func (f findings) verdict() error {
	var errs []error
	before, during := f.phases[0], f.phases[1]
	if limit := before.heap + f.heapAllowance(); during.heap > limit {
		errs = append(errs, fmt.Errorf("the heap grew from %s to %s: want at most %s",
			mebibytes(before.heap), mebibytes(during.heap), mebibytes(limit)))
	}
	if during.median > 2*before.median {
		errs = append(errs, fmt.Errorf("recording took %v, and %v before: want at most twice as long", during.median, before.median))
	}
	for _, p := range f.phases {
		if missing := p.want - p.exports; missing > 2+p.want/20 {
			errs = append(errs, fmt.Errorf("%s: the other pipeline exported %d times, want %d", p.name, p.exports, p.want))
		}
	}
	for i, when := range []string{"receiver's return", "shutdown"} {
		if f.wrongAt[i] > 0 {
			errs = append(errs, fmt.Errorf("after the %s %d of %d totals are wrong", when, f.wrongAt[i], f.lines))
		}
	}
	return errors.Join(errs...)
}
