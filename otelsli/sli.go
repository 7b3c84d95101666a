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
// [WithLabelNames]. Use struct{} for an SLI without labels.
//
// All methods are safe for concurrent use: before, during and after the export. Recording never
// panics, whatever the labels, the error and the functions that judge them do. A nil *SLI records
// nothing.
type SLI[L comparable] struct {
	ind       *indicator
	threshold func(L) time.Duration // nil: the spec's

	// index finds the series of declared combinations and of the undeclared ones that were kept. It
	// is replaced as a whole, so reading it takes no lock.
	index atomic.Pointer[map[L]*series]
	mu    sync.Mutex // serialises writers of index
}

// New declares an SLI with the label combinations that exist from the start. Each of them is
// exported at 0 from the first collection. An SLI without labels needs none.
//
// Every problem of the declaration is reported, joined, as a [FieldError]; on an error nothing is
// registered. Declaring the same SLI again returns the existing one with the combinations of both
// declarations and the options and description of the first. A different SLI of the same name is an
// error.
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

// MustNew is like [New] but panics on an error. It is meant for package-level variables.
func MustNew[L comparable](spec Spec, declared []L, options ...Option) *SLI[L] {
	s, err := New(spec, declared, options...)
	if err != nil {
		panic(err)
	}
	return s
}

// Name returns the name of the SLI, or "" for a nil *SLI.
func (s *SLI[L]) Name() string {
	if s == nil {
		return ""
	}
	return s.ind.spec.Name
}

// Catalog returns the catalog that the SLI is in, or nil for a nil *SLI.
func (s *SLI[L]) Catalog() *Catalog {
	if s == nil {
		return nil
	}
	return s.ind.catalog
}

// Declare adds label combinations, which are exported at 0 from the next collection. Existing ones
// are left as they are. On an error none is added. Declare many combinations in one call: each call
// copies the index of the known ones.
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

// thresholdOf resolves the threshold of one combination; 0 or less means none.
func (s *SLI[L]) thresholdOf(l L) time.Duration {
	if s.threshold != nil {
		if t := s.threshold(l); t != 0 {
			return t
		}
	}
	return s.ind.spec.Threshold
}

// Record counts one event whose outcome the caller has decided. [Slow] counts as [Success] if
// latency is not judged, and an invalid outcome counts as [Failed]. The span in ctx, if any, may
// become the event's [Exemplar].
func (s *SLI[L]) Record(ctx context.Context, labels L, o Outcome) {
	if s == nil {
		return
	}
	s.find(labels).add(ctx, o)
}

// Observe counts one event that took the given time and returned err. The threshold and the
// classifier decide its outcome. ctx is the context that the operation was called with.
func (s *SLI[L]) Observe(ctx context.Context, labels L, took time.Duration, err error) {
	s.With(labels).Observe(ctx, took, err)
}

// Start starts timing one event. Defer the end of its [Timer]:
//
//	defer placeOrder.Start(ctx, labels).End(&err)
func (s *SLI[L]) Start(ctx context.Context, labels L) *Timer {
	t := s.timer(ctx, labels)
	return &t // inlined into the caller, so that the timer stays on its stack
}

func (s *SLI[L]) timer(ctx context.Context, labels L) Timer {
	return Timer{ctx: ctx, bound: s.With(labels), begin: now()}
}

// Do runs f as one event and returns its error. A panic or a [runtime.Goexit] in f counts as
// [Failed] and propagates.
func (s *SLI[L]) Do(ctx context.Context, labels L, f func(context.Context) error) error {
	return s.With(labels).Do(ctx, f)
}

// With resolves labels once, for hot loops. The result has the same methods without the labels. The
// call creates the series if there is none, even if nothing is recorded.
func (s *SLI[L]) With(labels L) Bound {
	if s == nil {
		return Bound{}
	}
	return Bound{series: s.find(labels)}
}

// Lookup returns the series of labels, declared or not; ok is false if they have no series of their
// own. Unlike [SLI.With], it creates none.
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

// findUndeclared finds the series of an undeclared combination by its canonical values, which
// several L may share. A panic in a String method or threshold function of the caller costs the
// event its labels, not the caller its request.
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

// remember adds declared combinations to the index.
func (s *SLI[L]) remember(labels []L, list []*series) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grown := s.indexWithRoom(len(labels))
	for i, l := range labels {
		grown[l] = list[i]
	}
	s.index.Store(&grown)
}

// rememberAlias adds an undeclared combination to the index. Entries beyond the number of series
// are other spellings of the same label values. Only as many of these are kept as there may be
// undeclared series, so hostile input cannot grow the index.
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
