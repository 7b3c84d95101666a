package otelsli

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
)

// An SLI counts the events of one operation by their labels L and their [Outcome]. L is a struct
// whose exported fields are strings, bools or integers, or an array of strings with
// [WithLabelNames]; struct{} is an SLI without labels.
//
// All methods may be called by several goroutines at once, before the export is set up as well as
// during and after it. Recording never panics, whatever the labels, the error and the functions
// that judge them do. A nil *SLI records nothing.
type SLI[L comparable] struct {
	ind       *indicator
	threshold func(L) time.Duration // nil: the one of the spec

	// index finds the series of declared combinations and of those that were kept. It is replaced
	// as a whole, so that reading it takes no lock.
	index atomic.Pointer[map[L]*series]
	mu    sync.Mutex // excludes writers of index
}

// New declares an SLI with the combinations of labels that exist from the start. Each of them is
// exported at 0 from the first collection on. An SLI without labels needs none.
//
// Every problem of the declaration is reported, joined, as a [FieldError]; on an error nothing is
// registered. Declaring the same SLI again returns the same one, with the combinations of both and
// the options and the description of the first; declaring another one of the same name is an error.
func New[L comparable](spec Spec, declared []L, options ...Option) (*SLI[L], error) {
	cfg := newConfig(options)
	p := sliProblems(spec.Name)
	s := newSLI(newIndicator(spec, reflect.TypeFor[L](), cfg, p), thresholdFunc[L](cfg, p))
	if reflect.TypeFor[L]().Size() == 0 {
		declared = make([]L, 1)
	}
	values := s.check(declared, p)
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := s.declare(declared, values); err != nil {
		return nil, err
	}
	known, err := register(cfg.catalog, s)
	switch {
	case err != nil:
		return nil, err
	case known == s:
		s.ind.warn()
		return s, nil
	}
	if err := known.declare(declared, values); err != nil {
		return nil, err
	}
	return known, nil
}

func newSLI[L comparable](ind *indicator, threshold func(L) time.Duration) *SLI[L] {
	s := &SLI[L]{ind: ind, threshold: threshold}
	s.index.Store(&map[L]*series{})
	return s
}

// MustNew is [New] for package-level variables: it panics where New returns an error.
func MustNew[L comparable](spec Spec, declared []L, options ...Option) *SLI[L] {
	s, err := New(spec, declared, options...)
	if err != nil {
		panic(err)
	}
	return s
}

// Name returns the name of the SLI, and "" for a nil *SLI.
func (s *SLI[L]) Name() string {
	if s == nil {
		return ""
	}
	return s.ind.spec.Name
}

// Catalog returns the catalog that the SLI is in, and nil for a nil *SLI.
func (s *SLI[L]) Catalog() *Catalog {
	if s == nil {
		return nil
	}
	return s.ind.catalog
}

// Declare adds combinations of labels, which are exported at 0 from the next collection on. Those
// that exist already are left as they are. On an error none is added. Many combinations are better
// declared in one call: each call copies what is known.
func (s *SLI[L]) Declare(labels ...L) error {
	if s == nil || len(labels) == 0 {
		return nil
	}
	p := sliProblems(s.ind.spec.Name)
	values := s.check(labels, p)
	if err := p.err(); err != nil {
		return err
	}
	return s.declare(labels, values)
}

func (s *SLI[L]) declare(labels []L, values [][]string) error {
	thresholds := make([]time.Duration, len(labels))
	for i, l := range labels {
		thresholds[i] = s.thresholdOf(l)
	}
	list, err := s.ind.declare(values, thresholds)
	if err != nil {
		return err
	}
	s.remember(labels, list)
	return nil
}

// check returns the label values of each combination and reports those that cannot be declared.
func (s *SLI[L]) check(labels []L, p *problems) [][]string {
	values := make([][]string, len(labels))
	for i, l := range labels {
		values[i] = s.ind.labels.values(reflect.ValueOf(l))
		s.ind.labels.checkValues(values[i], p)
	}
	return values
}

// thresholdOf resolves the threshold of one combination; 0 or less is none.
func (s *SLI[L]) thresholdOf(l L) time.Duration {
	if s.threshold != nil {
		if t := s.threshold(l); t != 0 {
			return t
		}
	}
	return s.ind.spec.Threshold
}

// Record counts one event that the caller has judged. [Slow] counts as [Success] where latency is
// not judged, and an outcome that does not exist as [Failed]. The span in ctx, if any, may become
// the event's [Exemplar].
func (s *SLI[L]) Record(ctx context.Context, labels L, o Outcome) {
	if s == nil {
		return
	}
	s.find(labels).add(ctx, o)
}

// Observe counts one event that took so long and returned err; threshold and classifier judge it.
// ctx is the context that the operation was called with.
func (s *SLI[L]) Observe(ctx context.Context, labels L, took time.Duration, err error) {
	s.With(labels).Observe(ctx, took, err)
}

// Start starts the clock of one event, to be deferred with its end:
//
//	defer placeOrder.Start(ctx, labels).End(&err)
func (s *SLI[L]) Start(ctx context.Context, labels L) *Timer {
	t := s.timer(ctx, labels)
	return &t // inlined into the caller, so that the timer stays on its stack
}

func (s *SLI[L]) timer(ctx context.Context, labels L) Timer {
	return Timer{ctx: ctx, bound: s.With(labels), begin: now()}
}

// Do runs f as one event and returns its error. A panic in f, and a [runtime.Goexit], count as
// failed and go on.
func (s *SLI[L]) Do(ctx context.Context, labels L, f func(context.Context) error) error {
	return s.With(labels).Do(ctx, f)
}

// With resolves labels once, for hot loops. The result has the same verbs, without the labels.
// The series exists from this call on, even if nothing is recorded.
func (s *SLI[L]) With(labels L) Bound {
	if s == nil {
		return Bound{}
	}
	return Bound{series: s.find(labels)}
}

// Lookup returns what [SLI.With] returns for labels that have a series of their own, declared or
// not; ok is false where they have none. Unlike With it creates none.
func (s *SLI[L]) Lookup(labels L) (b Bound, ok bool) {
	if s == nil {
		return Bound{}, false
	}
	found := (*s.index.Load())[labels]
	if found == nil {
		values := s.ind.labels.values(reflect.ValueOf(labels))
		canonical(values)
		found = s.ind.lookup(identity(values))
	}
	return Bound{series: found}, found != nil
}

func (s *SLI[L]) find(labels L) *series {
	if found, ok := (*s.index.Load())[labels]; ok {
		return found
	}
	return s.findUndeclared(labels)
}

// findUndeclared is the way of combinations that were not declared: by their canonical values,
// under which several L may be one series. A panic in a String method or in a threshold function
// of the caller costs the event its labels, not the caller its request.
func (s *SLI[L]) findUndeclared(labels L) (found *series) {
	defer func() {
		if r := recover(); r != nil {
			otel.Handle(fmt.Errorf("otelsli: SLI %q: reading labels panicked, the event goes to the overflow series: %v", s.Name(), r))
			found = s.ind.unreadable()
		}
	}()
	values := s.ind.labels.values(reflect.ValueOf(labels))
	found = s.ind.resolve(values, func() time.Duration { return s.thresholdOf(labels) })
	if !found.info.overflow {
		s.rememberAlias(labels, found)
	}
	return found
}

// remember puts declared combinations into the index.
func (s *SLI[L]) remember(labels []L, list []*series) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grown := s.indexWithRoom(len(labels))
	for i, l := range labels {
		grown[l] = list[i]
	}
	s.index.Store(&grown)
}

// rememberAlias puts an undeclared combination into the index. Combinations beyond the number of
// series are other spellings of the same label values; of these only as many are kept as there
// may be undeclared series, so that hostile input cannot grow the index.
func (s *SLI[L]) rememberAlias(labels L, found *series) {
	if s.indexFull() || !own(reflect.ValueOf(&labels).Elem()) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.indexFull() {
		return
	}
	grown := s.indexWithRoom(1)
	grown[labels] = found
	s.index.Store(&grown)
}

func (s *SLI[L]) indexFull() bool {
	return len(*s.index.Load()) >= len(s.ind.all.load())+s.ind.limit
}

func (s *SLI[L]) indexWithRoom(n int) map[L]*series {
	old := *s.index.Load()
	grown := make(map[L]*series, len(old)+n)
	maps.Copy(grown, old)
	return grown
}
