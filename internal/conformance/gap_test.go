package conformance

import (
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A process begins anew under its old name while nothing is scraped, and soon has counted more than
// before: a node that is replaced, a pod of a StatefulSet. What it counted since is not taken for
// the difference to what it had.
func TestRestartInGap(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		p := w.start()
		w.run(time.Hour, load{rps: 1})
		for range 10 {
			w.event(p, otelsli.Failed, false)
		}
		w.run(time.Hour, load{rps: 1})
		w.cut()
		w.run(20*time.Minute, load{})
		w.mend()
		p.restart(w)
		w.run(time.Minute, load{rps: 1})
		for range 60 {
			w.event(p, otelsli.Failed, false)
		}
		w.run(30*time.Minute, load{rps: 1})
		e := w.rules()
		e.history(epoch, w.at())
		w.matches(e, jobName, usual, 6*time.Hour, 24*time.Hour, 72*time.Hour)
	})
}

// Scraped once a minute, and begun anew every ten minutes: a counter that is reset is seen to be, however
// the scrapes fall.
func TestMinuteScrapes(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.step = time.Minute
	p := w.start()
	w.run(2*time.Hour, load{rps: 3, failed: 0.01})
	for range 6 {
		p.restart(w)
		w.run(10*time.Minute, load{rps: 3, failed: 0.01})
	}
	for range 3 {
		p.restart(w)
		w.run(20*time.Minute, load{rps: 3, failed: 0.01})
	}
	e := w.rules(rules.WithMinFailures(1e6))
	e.history(epoch, w.at())
	w.matches(e, jobName, usual, 6*time.Hour, 24*time.Hour)
}
