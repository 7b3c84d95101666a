package conformance

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/otlptranslator"
	"github.com/prometheus/prometheus/model/labels"
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// epoch is where simulated time begins: not on a whole minute, as little is.
var epoch = time.Date(2026, 3, 2, 0, 0, 7, 0, time.UTC)

const scrapeInterval = 15 * time.Second

// order is the labels of the SLI that most cases use.
type order struct{ Channel string }

// A world is a fleet, what is scraped of it, and the rules that watch it.
type world struct {
	t     *testing.T
	mode  mode
	spec  otelsli.Spec
	store *store
	now   time.Duration // since epoch
	step  time.Duration // between scrapes
	pods  []*pod
	gap   bool // the network between scraper and pods is cut
	truth truth
	job   string
	born  int
	more  []otelsli.Option // of the SLI
}

// newWorld makes a world with one SLI, whose objective is 99.9 % over 30 days, and 99 % of apdex.
func newWorld(t *testing.T, m mode) *world {
	return &world{t: t, mode: m, store: newStore(), step: scrapeInterval, job: jobName, spec: otelsli.Spec{
		Name:            "place_order",
		Description:     "A customer places an order.",
		FeatureCategory: "checkout",
		Owner:           "team-orders",
		Threshold:       300 * time.Millisecond,
		Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.99, Window: 30 * 24 * time.Hour},
	}}
}

// A pod is one process: a catalog of its own, and its counters from zero.
type pod struct {
	name    string
	job     string
	catalog *otelsli.Catalog
	sli     *otelsli.SLI[order]
	scraped int
	series  map[seriesKey]*series
	due     otelsli.Counts // events owed, in millionths
	lost    bool           // it reports no SLI any more
}

type seriesKey struct {
	family         *otelsli.Family
	counter, point int
}

// start starts a pod. What it records before its first scrape is not lost, for the first scrapes
// of a series show 0, as the endpoint of exporters/sliprom does.
func (w *world) start() *pod {
	w.born++
	p := &pod{name: fmt.Sprintf("pod-%d", w.born), job: w.job, series: make(map[seriesKey]*series)}
	p.restart(w)
	w.pods = append(w.pods, p)
	return p
}

// restart begins the counters of the pod at zero again, under the same name: a container that
// crashed.
func (p *pod) restart(w *world) {
	p.catalog = otelsli.NewCatalog()
	if err := p.catalog.Configure(otelsli.WithLayout(w.mode.layout)); err != nil {
		w.t.Fatal(err)
	}
	sli, err := otelsli.New(w.spec, []order{{"web"}, {"app"}}, append(w.more, otelsli.WithCatalog(p.catalog))...)
	if err != nil {
		w.t.Fatal(err)
	}
	p.sli, p.scraped = sli, 0
}

// stop ends a pod. A clean end is scraped once more, as sliprom's drain waits for.
func (w *world) stop(p *pod, clean bool) {
	if clean {
		w.scrape(p)
	}
	for i, other := range w.pods {
		if other == p {
			w.pods = append(w.pods[:i], w.pods[i+1:]...)
		}
	}
	w.staleAll(p, w.ms()+1)
}

func (w *world) staleAll(p *pod, at int64) {
	for _, x := range p.series {
		x.end(at)
	}
	w.up(p).end(at)
}

func (w *world) ms() int64 { return epoch.Add(w.now).UnixMilli() }

// at is simulated time as the engine has it.
func (w *world) at() time.Time { return epoch.Add(w.now) }

// run lets time pass. Each pod gets the load, and is scraped.
func (w *world) run(d time.Duration, l load) {
	for end := w.now + d; w.now < end; {
		w.now += w.step
		for _, p := range w.pods {
			w.work(p, l)
		}
		w.truth.tick(w.ms())
		for _, p := range w.pods {
			if !w.gap {
				w.scrape(p)
			}
		}
	}
}

// A load is what happens to each pod: events in a second, and the shares of them that end badly.
type load struct {
	rps                   float64
	failed, slow, ignored float64
	hung                  bool // callers give up after a second
}

// work records the events of one step, in whole numbers that are right in the long run.
func (w *world) work(p *pod, l load) {
	const unit = 1e6
	events := l.rps * w.step.Seconds() * unit
	shares := [4]float64{otelsli.Failed: l.failed, otelsli.Slow: l.slow, otelsli.Ignored: l.ignored}
	shares[otelsli.Success] = 1 - l.failed - l.slow - l.ignored
	for outcome, share := range shares {
		p.due[outcome] += int64(math.Round(events * share))
		for ; p.due[outcome] >= unit; p.due[outcome] -= unit {
			w.event(p, otelsli.Outcome(outcome), l.hung)
		}
	}
}

// event records one event. If the service hangs, its callers give up, and package otelsli judges.
func (w *world) event(p *pod, o otelsli.Outcome, hung bool) {
	labels := order{"web"}
	if !hung {
		p.sli.Record(w.t.Context(), labels, o)
		w.truth.count(p.job, o)
		return
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	cancel()
	p.sli.Observe(ctx, labels, time.Second, context.Canceled)
	w.truth.count(p.job, otelsli.Failed) // what a hung service is
}

// scrape puts what the catalog of the pod collects into the store.
func (w *world) scrape(p *pod) {
	w.up(p).add(w.ms(), 1)
	if p.lost {
		return
	}
	for f := range p.catalog.Collect() {
		for point := range f.Points() {
			for i, c := range f.Counters() {
				v, ok := point.Value(i)
				if !ok {
					continue
				}
				if p.scraped == 0 {
					v = 0 // the hold
				}
				w.series(p, seriesKey{f, i, point.Index}, c, point).add(w.ms(), float64(v))
			}
		}
		for i, g := range f.Objectives() {
			key := seriesKey{f, -1 - i, 0}
			if p.series[key] == nil {
				p.series[key] = w.store.at(w.labels(p, g.Name, g.Unit, otlptranslator.MetricTypeGauge, g.Attributes))
			}
			p.series[key].add(w.ms(), g.Value)
		}
	}
	p.scraped++
}

func (w *world) series(p *pod, key seriesKey, c otelsli.Counter, point otelsli.Point) *series {
	if p.series[key] == nil {
		l := w.labels(p, c.Name, c.Unit, otlptranslator.MetricTypeMonotonicCounter, point.Attributes(key.counter))
		p.series[key] = w.store.at(l)
	}
	return p.series[key]
}

// labels names a series as Prometheus does.
func (w *world) labels(p *pod, name, unit string, typ otlptranslator.MetricType, attributes attribute.Set) labels.Labels {
	namer := otlptranslator.NewMetricNamer("", otlptranslator.TranslationStrategyOption(w.mode.strategy.String()))
	translated, err := namer.Build(otlptranslator.Metric{Name: name, Unit: unit, Type: typ})
	if err != nil {
		w.t.Fatal(err)
	}
	b := labels.NewBuilder(labels.FromStrings(model.MetricNameLabel, translated, "job", p.job, "instance", p.name))
	for _, kv := range attributes.ToSlice() {
		b.Set(string(kv.Key), kv.Value.AsString())
	}
	return b.Labels()
}

func (w *world) up(p *pod) *series {
	return w.store.at(labels.FromStrings(model.MetricNameLabel, "up", "job", p.job, "instance", p.name))
}

// cut ends the scrapes: the scraper cannot reach the pods, and marks their series as stale.
func (w *world) cut() {
	w.gap = true
	for _, p := range w.pods {
		at := w.ms() + w.step.Milliseconds()
		for _, x := range p.series {
			x.end(at)
		}
		w.up(p).add(at, 0)
	}
}

// mend lets the scrapes go on.
func (w *world) mend() { w.gap = false }

// rules generates, writes and loads the rules for what the first pod declares.
func (w *world) rules(options ...rules.Option) *evaluator {
	w.t.Helper()
	set, err := w.mode.set(w.pods[0].catalog.Describe(), w.spec.Objective.Window, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.load(set)
}

// load writes a set and has Prometheus read it.
func (w *world) load(set *rules.Set) *evaluator {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "rules.yml")
	out, err := os.Create(file) //nolint:gosec // in the test's own folder
	if err != nil {
		w.t.Fatal(err)
	}
	if err := set.Write(out, rules.Prometheus{}); err != nil {
		w.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		w.t.Fatal(err)
	}
	return newEvaluator(w.t, w.store, set, file)
}

// lose makes a pod report its SLIs no more, though it is there.
func (w *world) lose(p *pod) {
	p.lost = true
	for _, x := range p.series {
		x.end(w.ms() + 1)
	}
}
