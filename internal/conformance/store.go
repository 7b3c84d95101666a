package conformance

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// A store is a storage for the engine, in plain slices. Unlike Prometheus' own it takes the
// history of one series after that of another, which is how scenarios write it. It serves one goroutine.
type store struct {
	series map[string]*series
	byName map[string][]*series
}

type series struct {
	labels labels.Labels
	t      []int64
	v      []float64
}

func newStore() *store {
	return &store{series: make(map[string]*series), byName: make(map[string][]*series)}
}

// at returns the series with these labels, and makes it if need be.
func (s *store) at(l labels.Labels) *series {
	key := l.String()
	if known := s.series[key]; known != nil {
		return known
	}
	created := &series{labels: l}
	s.series[key] = created
	name := l.Get(model.MetricNameLabel)
	s.byName[name] = append(s.byName[name], created)
	return created
}

// add appends a sample; one that is not newer than the last is dropped, as by a server.
func (x *series) add(t int64, v float64) {
	if n := len(x.t); n > 0 && t <= x.t[n-1] {
		return
	}
	x.t, x.v = append(x.t, t), append(x.v, v)
}

// end marks the series as stale, as a scrape that fails or lacks it does.
func (x *series) end(t int64) { x.add(t, math.Float64frombits(value.StaleNaN)) }

// Querier implements [storage.Queryable].
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return querier{store: s, mint: mint, maxt: maxt}, nil
}

type querier struct {
	store      *store
	mint, maxt int64
}

// Select implements [storage.Querier].
func (q querier) Select(_ context.Context, sorted bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, x := range q.candidates(matchers) {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(x.labels.Get(m.Name)) }) {
			found = append(found, window{x, q})
		}
	}
	if sorted {
		sort.Slice(found, func(i, j int) bool { return labels.Compare(found[i].Labels(), found[j].Labels()) < 0 })
	}
	return &seriesSet{list: found}
}

func (q querier) candidates(matchers []*labels.Matcher) []*series {
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return q.store.byName[m.Value]
		}
	}
	var all []*series
	for _, list := range q.store.byName {
		all = append(all, list...)
	}
	return all
}

// LabelValues implements [storage.LabelQuerier]; rules do not ask for it.
func (querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames implements [storage.LabelQuerier]; rules do not ask for it.
func (querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close implements [storage.Querier].
func (querier) Close() error { return nil }

type seriesSet struct {
	list []storage.Series
	next int
}

func (s *seriesSet) Next() bool                        { s.next++; return s.next <= len(s.list) }
func (s *seriesSet) At() storage.Series                { return s.list[s.next-1] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// A window is a series between the bounds of a querier.
type window struct {
	*series
	q querier
}

func (w window) Labels() labels.Labels { return w.labels }

func (w window) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	from, _ := slices.BinarySearch(w.t, w.q.mint)
	to, _ := slices.BinarySearch(w.t, w.q.maxt+1)
	return storage.NewListSeriesIterator(&samples{t: w.t[from:to], v: w.v[from:to]})
}

// samples lets the iterator of Prometheus walk over our slices. It looks at one sample at a time,
// so that one serves for all.
type samples struct {
	t   []int64
	v   []float64
	now sample
}

func (s *samples) Len() int { return len(s.t) }

func (s *samples) Get(i int) chunks.Sample {
	s.now.t, s.now.v = s.t[i], s.v[i]
	return &s.now
}

type sample struct {
	t int64
	v float64
}

func (s *sample) T() int64                    { return s.t }
func (s *sample) F() float64                  { return s.v }
func (*sample) ST() int64                     { return 0 }
func (*sample) H() *histogram.Histogram       { return nil }
func (*sample) FH() *histogram.FloatHistogram { return nil }
func (*sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s *sample) Copy() chunks.Sample         { return &sample{s.t, s.v} }

// Appender implements [storage.Appendable] for the rule manager.
func (s *store) Appender(context.Context) storage.Appender { return appender{store: s} }

type appender struct {
	storage.Appender // what rules do not use

	store *store
}

func (a appender) Append(_ storage.SeriesRef, l labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	a.store.at(l).add(t, v)
	return 0, nil
}

func (appender) Commit() error                     { return nil }
func (appender) Rollback() error                   { return nil }
func (appender) SetOptions(*storage.AppendOptions) {}

func (appender) AppendExemplar(storage.SeriesRef, labels.Labels, exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, nil
}

func (appender) UpdateMetadata(storage.SeriesRef, labels.Labels, metadata.Metadata) (storage.SeriesRef, error) {
	return 0, nil
}
