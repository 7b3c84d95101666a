package sliprom

import (
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A schema keeps the immutable parts of a catalog's series. Each of the two forms in which they can be
// collected is kept only once it is used. All trees and sheets share the schema.
type schema struct {
	mu     sync.Mutex
	points map[*otelsli.Family][]fixedPoint // by the index of the point
	pairs  map[[2]string]*dto.LabelPair     // by name and value: most series share theirs
	texts  map[*otelsli.Family]labelText
	leaves int // number of metrics of the largest tree
}

// A fixedPoint is the immutable part of one series.
type fixedPoint struct {
	labels  [][]*dto.LabelPair // by counter, or a single one if all counters have the same
	created *timestamppb.Timestamp
}

func newSchema() *schema {
	return &schema{
		points: make(map[*otelsli.Family][]fixedPoint),
		pairs:  make(map[[2]string]*dto.LabelPair),
		texts:  make(map[*otelsli.Family]labelText),
	}
}

// promName converts the OpenTelemetry name of an SLI metric as the default translation from
// OpenTelemetry to Prometheus does. These names already contain units and _total.
func promName(name string) string { return strings.ReplaceAll(name, ".", "_") }

// point returns the immutable part of p. Trees meet the points of a family in the order of their
// index, each tree at its own pace.
func (s *schema) point(f *otelsli.Family, p *otelsli.Point) fixedPoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.points[f]
	if p.Index < len(known) {
		return known[p.Index]
	}
	fixed := fixedPoint{created: timestamppb.New(p.Start)}
	first := p.Attributes(0)
	for i := range f.Counters() {
		set := p.Attributes(i)
		if i > 0 && set.Equals(&first) {
			break
		}
		fixed.labels = append(fixed.labels, s.labels(set))
	}
	s.points[f] = append(known, fixed)
	return fixed
}

// labelText returns the texts of all points of f, at least up to p. As with point, p must be known or
// the next one.
func (s *schema) labelText(f *otelsli.Family, p *otelsli.Point) labelText {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.texts[f]
	if !ok {
		text = newLabelText(f, p)
	}
	if p.Index == text.points() {
		text.add(p)
		s.texts[f] = text // others hold a shorter copy and read only up to its end
	}
	return text
}

func (p fixedPoint) labelsOf(counter int) []*dto.LabelPair {
	if len(p.labels) == 1 {
		return p.labels[0]
	}
	return p.labels[counter]
}

// labelsOf returns the label pairs of set, sorted by name as the set is.
func (s *schema) labelsOf(set attribute.Set) []*dto.LabelPair {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.labels(set)
}

// labels is labelsOf with the lock held.
func (s *schema) labels(set attribute.Set) []*dto.LabelPair {
	pairs := make([]*dto.LabelPair, 0, set.Len())
	for iter := set.Iter(); iter.Next(); {
		kv := iter.Attribute()
		pairs = append(pairs, s.pair(string(kv.Key), kv.Value.String()))
	}
	return pairs
}

func (s *schema) pair(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	pair, ok := s.pairs[key]
	if !ok {
		pair = &dto.LabelPair{Name: &name, Value: &value}
		s.pairs[key] = pair
	}
	return pair
}

// size returns the number of metrics of the largest tree so far.
func (s *schema) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaves
}

// grown records the number of metrics of a tree.
func (s *schema) grown(leaves int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaves = max(s.leaves, leaves)
}
