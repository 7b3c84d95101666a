package otelsli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
)

// An indicator is an SLI without its label type: it holds its series by their canonical label
// values. Several SLI[L] share one if two versions of a library declare the same SLI.
type indicator struct {
	catalog        *Catalog
	spec           Spec
	labels         labelSchema
	classifier     Classifier // nil: Classify
	thresholds     bool       // set per series
	limit          int        // undeclared combinations that get their own series
	born           time.Time
	family         *Family
	undeclaredSets [2][]attribute.Set

	byIdentity sync.Map // identity → *series; read without the lock
	overflow   atomic.Pointer[series]
	full       atomic.Bool // no further undeclared combination becomes a series
	all        appendOnly[*series]

	mu       sync.Mutex // guards the creation of series and the fields below
	frozen   bool       // the layout is known: new series get their attributes at once
	budget   *budget    // nil: no limit; set by Catalog.Register
	strays   []*series  // undeclared series, without the overflow series
	settled  Counts     // events of former strays before they were declared
	wrappers map[reflect.Type]any
}

// newIndicator creates an SLI that is in no catalog yet and reports its problems to p.
func newIndicator(spec Spec, labels reflect.Type, cfg config, p *problems) *indicator {
	thresholds := cfg.threshold != nil
	spec = spec.withDefaults(thresholds)
	spec.validate(p, thresholds)
	return &indicator{
		spec:       spec,
		labels:     newLabelSchema(labels, cfg.labelNames, p),
		classifier: cfg.classifier,
		thresholds: thresholds,
		limit:      cfg.limit,
		born:       time.Now(),
		wrappers:   make(map[reflect.Type]any),
	}
}

// declare adds the missing combinations. The values must be valid; thresholds has one entry for
// each.
func (ind *indicator) declare(values [][]string, thresholds []time.Duration) ([]*series, error) {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	if missing := ind.missing(values); !ind.budget.take(missing) {
		return nil, ind.tooManySeries(missing)
	}
	list := make([]*series, len(values))
	for i, v := range values {
		key := identity(v)
		s := ind.lookup(key)
		switch {
		case s == nil:
			s = ind.bear(key, thresholds[i], &seriesInfo{values: v, declared: true})
		case !s.info.declared:
			ind.settle(s)
		}
		list[i] = s
	}
	return list, nil
}

// missing counts the combinations that have no series yet; it returns 0 without a budget. Different
// labels may have the same values.
func (ind *indicator) missing(values [][]string) int {
	if ind.budget == nil {
		return 0
	}
	missing := make(map[string]bool)
	for _, v := range values {
		if key := identity(v); ind.lookup(key) == nil {
			missing[key] = true
		}
	}
	return len(missing)
}

// settle turns a stray into a declared series, whose further events no longer count as undeclared.
// The caller holds the lock.
func (ind *indicator) settle(s *series) {
	s.info.declared = true
	ind.settled = ind.settled.add(s.counts())
	ind.strays = slices.DeleteFunc(ind.strays, func(stray *series) bool { return stray == s })
}

func (ind *indicator) tooManySeries(missing int) error {
	return &FieldError{
		Field: fmt.Sprintf("SLI %q: declared", ind.spec.Name),
		Value: fmt.Sprintf("%d more series", missing),
		Want: fmt.Sprintf("at most %d, which the MeterProvider has room for, or Register with a higher WithCardinalityLimit",
			ind.budget.room()),
	}
}

func (ind *indicator) lookup(key string) *series {
	if s, ok := ind.byIdentity.Load(key); ok {
		return s.(*series)
	}
	return nil
}

// bear creates a series. The caller holds the lock.
func (ind *indicator) bear(key string, threshold time.Duration, info *seriesInfo) *series {
	info.index = len(ind.all.load())
	info.start = time.Now()
	s := &series{threshold: threshold, ind: ind, info: info}
	if ind.frozen {
		info.sets = ind.attributeSets(info.values)
	}
	ind.byIdentity.Store(key, s)
	ind.all.add(s)
	return s
}

// resolve finds the series of an undeclared combination, whose values it makes canonical. It takes
// the lock only if a series may have to be created.
func (ind *indicator) resolve(values []string, threshold func() time.Duration) *series {
	canonical(values)
	key := identity(values)
	if s := ind.lookup(key); s != nil {
		return s
	}
	if ind.full.Load() {
		return ind.overflow.Load()
	}
	return ind.adopt(key, values, threshold())
}

// adopt gives an undeclared combination its own series, or the overflow series once there are too
// many. It logs the change after the lock is released, because the logger is user code.
func (ind *indicator) adopt(key string, values []string, threshold time.Duration) *series {
	s, news := ind.place(key, values, threshold)
	if news {
		ind.warnUndeclared(values, s.info.overflow)
	}
	return s
}

func (ind *indicator) place(key string, values []string, threshold time.Duration) (s *series, news bool) {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	switch s = ind.lookup(key); {
	case s != nil:
		return s, false
	case ind.full.Load():
		return ind.overflow.Load(), false
	case key == ind.overflowKey(): // the event carries the labels of the overflow series
		return ind.overflowSeries(), false
	case len(ind.strays) >= ind.limit || !ind.budget.take(1):
		s = ind.overflowSeries()
		ind.full.Store(true)
		return s, true
	}
	for i, v := range values {
		values[i] = strings.Clone(v) // it must not keep the request alive that it is a substring of
	}
	s = ind.bear(identity(values), threshold, &seriesInfo{values: values})
	ind.strays = append(ind.strays, s)
	return s, true
}

// overflowSeries returns the overflow series and creates it if necessary. The caller holds the
// lock.
func (ind *indicator) overflowSeries() *series {
	s := ind.overflow.Load()
	if s == nil {
		s = ind.bear(ind.overflowKey(), ind.spec.Threshold, &seriesInfo{values: ind.overflowValues(), overflow: true})
		ind.overflow.Store(s)
	}
	return s
}

func (ind *indicator) overflowValues() []string {
	return slices.Repeat([]string{OverflowValue}, len(ind.labels.names))
}

func (ind *indicator) overflowKey() string { return identity(ind.overflowValues()) }

// unreadable returns the overflow series for an event whose labels cannot be read.
func (ind *indicator) unreadable() *series {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	return ind.overflowSeries()
}

// warnUndeclared is called once for every undeclared series that is kept, so at most as often as
// the limit, and once when folding starts.
func (ind *indicator) warnUndeclared(values []string, folds bool) {
	message := "otelsli: undeclared label combination recorded, kept as a series that was not zero-initialised"
	if folds {
		message = "otelsli: undeclared label combinations are folded into the overflow series from now on"
	}
	ind.catalog.log().Warn(message, "sli", ind.spec.Name,
		"labels", ind.labels.names, "values", abbreviate(values), "limit", ind.limit)
}

// undeclaredEvents counts the events of undeclared combinations.
func (ind *indicator) undeclaredEvents() (kept, overflow Counts) {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	kept = ind.settled
	for _, s := range ind.strays {
		kept = kept.add(s.counts())
	}
	if s := ind.overflow.Load(); s != nil {
		overflow = s.counts()
	}
	return kept, overflow
}

// attributeSets returns the attributes of a series for each counter, or a single set if all
// counters share it.
func (ind *indicator) attributeSets(values []string) []attribute.Set {
	labels := make([]attribute.KeyValue, len(values), len(values)+2)
	for i, v := range values {
		labels[i] = attribute.String(ind.labels.names[i], v)
	}
	if len(ind.family.counters[0].extra) == 0 {
		return []attribute.Set{attribute.NewSet(labels...)}
	}
	sets := make([]attribute.Set, len(ind.family.counters))
	for i, c := range ind.family.counters {
		sets[i] = attribute.NewSet(append(slices.Clone(labels), c.extra...)...)
	}
	return sets
}

// freeze fixes the counters and the attributes of all series; later series get theirs at creation.
func (ind *indicator) freeze(prefix string, layout Layout) {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	ind.family = newFamily(ind, prefix, layout)
	for _, s := range ind.all.load() {
		s.info.sets = ind.attributeSets(s.info.values)
	}
	ind.frozen = true
}

// judge decides the outcome of an event.
func (ind *indicator) judge(ctx context.Context, e Event) Outcome {
	if e.Err == nil && ind.classifier == nil {
		return Classify(ctx, e)
	}
	return ind.classify(ctx, e)
}

// classify runs the classifier. Even the default one runs foreign code: the methods of the error,
// which may be a nil pointer in an interface.
func (ind *indicator) classify(ctx context.Context, e Event) (o Outcome) {
	defer func() {
		if r := recover(); r != nil {
			otel.Handle(fmt.Errorf("otelsli: SLI %q: judging an event panicked, it counts as failed: %v", ind.spec.Name, r))
			o = Failed
		}
	}()
	classifier := ind.classifier
	if classifier == nil {
		classifier = Classify
	}
	o = classifier(ctx, e)
	if o == Success && e.late() {
		return Slow
	}
	return o
}
