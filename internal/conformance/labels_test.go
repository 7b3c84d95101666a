package conformance

import (
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A label of an SLI may be called as rules call things among themselves.
func TestBreakdownByPart(t *testing.T) {
	t.Parallel()
	type labels struct{ Part string }
	w := plain(t)
	p := w.start()
	sli, err := otelsli.New(otelsli.Spec{Name: "fetch", Objective: otelsli.Objective{Availability: 0.999}},
		[]labels{{"wheel"}, {"brake"}}, otelsli.WithCatalog(p.catalog))
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		w.run(time.Minute, load{rps: 1})
		sli.Record(t.Context(), labels{"wheel"}, otelsli.Success)
		sli.Record(t.Context(), labels{"brake"}, otelsli.Failed)
	}
	e := w.rules(rules.WithBreakdown())
	e.history(epoch, w.at())
	w.is(e, `sli:label_errors:increase_period{sli="fetch",part="brake"}`, 60, 6)
	w.is(e, `sli:label_errors:increase_period{sli="fetch",part="wheel"}`, 0, 0)
}
