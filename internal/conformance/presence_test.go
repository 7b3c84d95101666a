package conformance

import (
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// addSearch adds the SLI search to a pod, idle.
func (w *world) addSearch(p *pod) {
	w.t.Helper()
	_, err := otelsli.New(otelsli.Spec{Name: "search", Objective: otelsli.Objective{Availability: 0.99}},
		[]struct{}{{}}, otelsli.WithCatalog(p.catalog))
	if err != nil {
		w.t.Fatal(err)
	}
}

// A version without one of the SLIs is rolled out: somebody has to remove its rules, and nobody has
// to get up for it. The same goes for a part of the job that is scaled to zero.
func TestSLIRemoved(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		old := w.start()
		w.addSearch(old)
		w.run(time.Hour, load{rps: 1})
		e := w.rules()
		e.history(epoch, w.at())
		begins := w.at()
		w.stop(old, true)
		w.start()
		w.run(25*time.Minute, load{rps: 1})
		all := e.watch(begins, w.at())
		gone := all[rules.AlertSeriesGone]
		if gone == nil || gone.alert.Labels.Get("sli") != "search" || gone.alert.Labels.Get("severity") != rules.SeverityTicket {
			t.Errorf("%s: %+v, want it for search, as a ticket", rules.AlertSeriesGone, gone)
		}
		if len(all) > 1 {
			t.Errorf("alerts: %v, want one", all)
		}
	})
}

// Ordinary deployments are no news: one after the other, all at once with three minutes of nothing,
// and one that brings a new SLI.
func TestDeploymentsAreQuiet(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.start()
		w.run(time.Hour, load{rps: 1})
		e := w.rules()
		e.history(epoch, w.at())
		begins := w.at()
		for range 2 {
			w.start()
			w.run(time.Minute, load{rps: 1})
			w.stop(w.pods[0], true)
			w.run(time.Minute, load{rps: 1})
		}
		w.stop(w.pods[0], true)
		w.stop(w.pods[0], true)
		w.run(3*time.Minute, load{})
		w.addSearch(w.start())
		w.run(15*time.Minute, load{rps: 1})
		for alert := range e.watch(begins, w.at()) {
			t.Errorf("%s fired", alert)
		}
	})
}
