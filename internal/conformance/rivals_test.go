package conformance

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// rivalsDir holds sloth-generated.yml and pyrra-generated.yml: what these generators make of their
// own example, 99.9 % of the requests of the job "myservice" over 30 days, by the label code of
// http_request_duration_seconds_count. Nothing of theirs is in this repository.
var rivalsDir = flag.String("rivals", "", "folder with the rules of other generators to compare with")

const rivalJob = "myservice"

// A rival is a file of rules, and where it says what is left of the budget.
type rival struct {
	name, file, left string
}

func rivals(t *testing.T) []rival {
	if *rivalsDir == "" {
		t.Skip("no rules of other generators: give their folder by -rivals")
	}
	return []rival{
		{"sloth", filepath.Join(*rivalsDir, "sloth-generated.yml"), `slo:period_error_budget_remaining:ratio`},
		{"pyrra", filepath.Join(*rivalsDir, "pyrra-generated.yml"), `1 - (1 - pyrra_availability) / 0.001`},
	}
}

// foreign loads a file whose groups are evaluated in their order.
func foreign(t *testing.T, st *store, file string) *evaluator {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := &rules.Set{}
	for line := range strings.Lines(string(content)) {
		if name, ok := strings.CutPrefix(strings.TrimLeft(line, "- "), "name: "); ok {
			set.Groups = append(set.Groups, rules.Group{Name: strings.TrimSpace(name)})
		}
	}
	for i := range set.Groups {
		set.Groups[i].Stage = stages[min(i, len(stages)-1)]
	}
	return newEvaluator(t, st, set, file)
}

// requests mirrors what the pods count as the metric of the other generators' example.
func (w *world) requests(st *store) {
	for name, code := range map[string][]string{"sli_place_order_total": {"200"}, "sli_place_order_error_total": {"500"}} {
		for _, x := range w.store.byName[name] {
			l := labels.NewBuilder(x.labels).Set(model.MetricNameLabel, "http_request_duration_seconds_count").Set("code", code[0]).Labels()
			y := st.at(l)
			y.t, y.v = x.t, append([]float64(nil), x.v...)
			if code[0] == "200" {
				failed := w.store.at(labels.NewBuilder(x.labels).Set(model.MetricNameLabel, "sli_place_order_error_total").Labels())
				for i := range y.v {
					y.v[i] -= failed.v[i]
				}
			}
		}
	}
}

// TestRivalCases lets all generators look at the same five days.
func TestRivalCases(t *testing.T) {
	t.Parallel()
	all := rivals(t)
	table := []string{"| case | truth | ours | sloth | pyrra |", "|---|--:|--:|--:|--:|"}
	for _, c := range []struct {
		name string
		born bool // whether the counter of failures is there before the first failure
		play func(*world)
	}{
		{"A. healthy, the counter of failures never born", false, func(w *world) { w.run(3*time.Hour, load{rps: 5}) }},
		{"B. burst of failures that creates the counter", false, func(w *world) {
			w.run(3*time.Hour, load{rps: 5})
			w.run(15*time.Second, load{rps: 500, failed: 1})
			w.run(15*time.Minute, load{rps: 5})
		}},
		{"C. 20 minutes without traffic", true, func(w *world) {
			w.run(2*time.Hour, load{rps: 5, failed: 0.0005})
			w.run(20*time.Minute, load{})
			w.run(2*time.Hour, load{rps: 5, failed: 0.0005})
		}},
		{"D. 23 busy hours, and one quiet in which half fails", true, func(w *world) {
			w.run(time.Hour, load{rps: 0.2, failed: 0.5})
			w.run(23*time.Hour, load{rps: 50})
		}},
		{"E. 10 requests in 2 hours, 1 fails", true, func(w *world) {
			for i := range 10 {
				w.run(12*time.Minute, load{})
				w.event(w.pods[0], map[bool]otelsli.Outcome{true: otelsli.Failed}[i == 8], false)
			}
			w.run(15*time.Second, load{})
		}},
		{"gap of 20 minutes in the scrapes, a fifth fails in it", true, func(w *world) {
			w.run(3*time.Hour, load{rps: 5})
			w.cut()
			w.run(20*time.Minute, load{rps: 5, failed: 0.2})
			w.mend()
			w.run(time.Hour, load{rps: 5})
		}},
	} {
		w := newWorld(t, mode{otelsli.Counters, false, names.UnderscoreEscapingWithSuffixes})
		w.job = rivalJob
		w.start()
		c.play(w)
		row := fmt.Sprintf("| %s | %s |", c.name, w.trueLeft())
		set, err := rules.Generate(w.pods[0].catalog.Describe(), rules.Job(rivalJob))
		if err != nil {
			t.Fatal(err)
		}
		ours := w.load(set)
		row += verdict(ours, ours.history(epoch, w.at()), `slo:error_budget_remaining:ratio{slo="availability"}`, w.at())
		for _, r := range all {
			st := newStore()
			w.requests(st)
			if !c.born {
				st.unborn("http_request_duration_seconds_count", "500")
			}
			theirs := foreign(t, st, r.file)
			row += verdict(theirs, theirs.history(epoch, w.at()), r.left, w.at())
		}
		table = append(table, row)
	}
	t.Log("\nBudget left, and the alerts of urgency that fired.\n" + strings.Join(table, "\n"))
}

// unborn drops the zeros that a counter begins with.
func (s *store) unborn(name, code string) {
	for _, x := range s.byName[name] {
		if x.labels.Get("code") != code {
			continue
		}
		for len(x.v) > 0 && x.v[0] == 0 {
			x.t, x.v = x.t[1:], x.v[1:]
		}
	}
}

func (w *world) trueLeft() string {
	c := w.truth.in(w.job, w.at(), 30*24*time.Hour)
	return percentage(1 - float64(c[otelsli.Failed])/float64(c.Total())/0.001)
}

func percentage(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

func verdict(e *evaluator, fired firings, left string, at time.Time) string {
	text := "no data"
	if v, ok := e.value(left, at); ok {
		text = percentage(v)
	}
	var pages int
	for _, f := range fired {
		if s := f.labels.Get("severity"); s == "page" || s == "pageteam" || s == "critical" && f.name() != "SLOMetricAbsent" {
			pages++
		}
	}
	if pages > 0 {
		text += ", pages"
	}
	return " " + text + " |"
}

// TestRivalCost compares what a server reads for 100 objectives, each of 4 pods.
func TestRivalCost(t *testing.T) { //nolint:paralleltest // it measures time
	all := rivals(t)
	const days, pods, objectives = 31, 4, 100
	end := epoch.Add(days * 24 * time.Hour)
	st := newStore()
	for i := range pods {
		for metric, perScrape := range map[string]float64{
			`sli_place_order_total`: 150, `sli_place_order_error_total`: 0.1,
			`http_request_duration_seconds_count 200`: 149.9, `http_request_duration_seconds_count 500`: 0.1,
		} {
			name, code, _ := strings.Cut(metric, " ")
			x := st.at(labels.FromStrings(model.MetricNameLabel, name, "job", rivalJob, "instance", fmt.Sprint("pod-", i), "code", code))
			for at, n := epoch, 0.0; !at.After(end); at, n = at.Add(scrapeInterval), n+1 {
				x.add(at.UnixMilli(), float64(int(n*perScrape)))
			}
		}
	}
	w := newWorld(t, mode{otelsli.Counters, false, names.UnderscoreEscapingWithSuffixes})
	w.spec.Objective.Apdex = 0
	w.store = st
	w.start()
	set, err := rules.Generate(w.pods[0].catalog.Describe(), rules.Job(rivalJob))
	if err != nil {
		t.Fatal(err)
	}
	evaluators := map[string]*evaluator{"ours": w.load(set)}
	for _, r := range all {
		evaluators[r.name] = foreign(t, st, r.file)
	}
	table := []string{"| rules | count | samples a minute | relative | seconds a minute |", "|---|--:|--:|--:|--:|"}
	reference := 0.0
	cost := make(map[string]float64)
	for _, name := range []string{"sloth", "pyrra", "ours"} {
		e := evaluators[name]
		e.pretend(epoch, end)
		samples, took, count := e.cost(end)
		if reference == 0 {
			reference = samples
		}
		cost[name] = samples
		table = append(table, fmt.Sprintf("| %s | %d | %.1f million | %.2f | %.2f |",
			name, objectives*count, objectives*samples/1e6, samples/reference, objectives*took.Seconds()))
	}
	t.Logf("\n%d objectives of %d pods each, scraped every %v:\n%s", objectives, pods, scrapeInterval, strings.Join(table, "\n"))
	if cost["ours"] > cost["sloth"]/2 {
		t.Errorf("ours reads %.0f samples a minute and objective, want at most half of sloth's %.0f", cost["ours"], cost["sloth"])
	}
}

// pretend records what the rules now say as if they had always said so.
func (e *evaluator) pretend(from, to time.Time) {
	for _, g := range e.groups {
		every := g.Interval()
		for _, r := range g.Rules() {
			if _, alert := r.(*promrules.AlertingRule); alert {
				continue
			}
			for _, x := range e.over(r.Query().String(), to, to, every) {
				b := labels.NewBuilder(x.Metric).Set(model.MetricNameLabel, r.Name())
				r.Labels().Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
				recorded := e.store.at(b.Labels())
				for at := from; !at.After(to); at = at.Add(every) {
					recorded.add(at.UnixMilli(), x.Floats[0].F)
				}
			}
		}
	}
}

// cost is what the rules read in a minute, as the statistics of the engine have it, and how long
// that takes.
func (e *evaluator) cost(at time.Time) (samples float64, took time.Duration, count int) {
	for _, g := range e.groups {
		perMinute := float64(time.Minute) / float64(g.Interval())
		for _, r := range g.Rules() {
			q, err := e.engine.NewInstantQuery(context.Background(), e.store, nil, r.Query().String(), at)
			if err != nil {
				e.t.Fatal(err)
			}
			begin := time.Now()
			if res := q.Exec(context.Background()); res.Err != nil {
				e.t.Fatal(res.Err)
			}
			took += time.Duration(float64(time.Since(begin)) * perMinute)
			samples += float64(q.Stats().Samples.TotalSamples) * perMinute
			count++
			q.Close()
		}
	}
	return samples, took, count
}
