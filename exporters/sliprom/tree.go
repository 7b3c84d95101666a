package sliprom

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A tree is the SLIs of a catalog as Prometheus metric families. It is built once and grows with
// the catalog; a collection only changes its numbers. It belongs to one scrape at a time.
type tree struct {
	schema   *schema
	families []*dto.MetricFamily // with at least one metric, sorted by name
	byName   map[string]*dto.MetricFamily
	branches map[*otelsli.Family]*branch
	leaves   arena
	series   int
	ripe     bool // families has all of byName
}

// A branch is the part of a tree for one family of the catalog.
type branch struct {
	columns []*dto.MetricFamily // by counter; families may share them
	leaves  []*leaf             // by point, then by counter; nil if the point lacks the counter
	points  int
}

func newTree(s *schema) *tree {
	return &tree{
		schema:   s,
		byName:   make(map[string]*dto.MetricFamily),
		branches: make(map[*otelsli.Family]*branch),
		leaves:   arena{chunk: s.size()},
	}
}

// update collects the catalog. All counters of a point that v does not show are 0, even if this
// tree has shown them to another client.
func (t *tree) update(catalog *otelsli.Catalog, v *view) {
	for f := range catalog.Collect() {
		b := t.branches[f]
		if b == nil {
			b = t.sprout(f)
		}
		for p := range f.Points() {
			if p.Index >= b.points {
				t.grow(f, b, &p)
			}
			if v.shows(&p) {
				b.set(&p)
			} else {
				b.zero(&p)
			}
		}
	}
	if !t.ripe {
		t.ripen()
	}
}

// set writes the counters of a point, all from the single reading p.
func (b *branch) set(p *otelsli.Point) {
	n := len(b.columns)
	for i, l := range b.leaves[p.Index*n : (p.Index+1)*n] {
		value, ok := p.Value(i)
		if !ok {
			continue
		}
		l.value = float64(value)
		if e, ok := p.Exemplar(i); ok {
			l.counter.Exemplar = metricExemplar(l.counter.Exemplar, &e)
		} else {
			l.counter.Exemplar = nil
		}
	}
}

// zero sets all counters of a point to 0.
func (b *branch) zero(p *otelsli.Point) {
	n := len(b.columns)
	for _, l := range b.leaves[p.Index*n : (p.Index+1)*n] {
		if l != nil {
			l.value, l.counter.Exemplar = 0, nil
		}
	}
}

// sprout makes the branch of a family that is new to the tree, and its gauges, which never change.
func (t *tree) sprout(f *otelsli.Family) *branch {
	b := &branch{}
	t.branches[f] = b
	for _, c := range f.Counters() {
		b.columns = append(b.columns, t.column(c.Name, c.Description, dto.MetricType_COUNTER))
	}
	for _, g := range f.Objectives() {
		column := t.column(g.Name, g.Description, dto.MetricType_GAUGE)
		t.add(column, &dto.Metric{Label: t.schema.labelsOf(g.Attributes), Gauge: &dto.Gauge{Value: &g.Value}})
	}
	return b
}

// grow adds the metrics of a point that is new to the tree.
func (t *tree) grow(f *otelsli.Family, b *branch, p *otelsli.Point) {
	fixed := t.schema.point(f, p)
	for i, column := range b.columns {
		if _, ok := p.Value(i); !ok {
			b.leaves = append(b.leaves, nil)
			continue
		}
		l := t.leaves.next()
		l.counter.Value = &l.value
		l.counter.CreatedTimestamp = fixed.created
		l.metric.Label = fixed.labelsOf(i)
		l.metric.Counter = &l.counter
		t.add(column, &l.metric)
		b.leaves = append(b.leaves, l)
	}
	b.points++
}

// column returns the metric family for an OpenTelemetry name.
func (t *tree) column(otelName, help string, typ dto.MetricType) *dto.MetricFamily {
	name := promName(otelName)
	column := t.byName[name]
	if column == nil {
		column = &dto.MetricFamily{Name: &name, Help: &help, Type: &typ}
		t.byName[name] = column
	}
	return column
}

func (t *tree) add(column *dto.MetricFamily, m *dto.Metric) {
	column.Metric = append(column.Metric, m)
	t.series++
	t.ripe = false
}

// ripen lists the families after the tree has grown.
func (t *tree) ripen() {
	t.families = t.families[:0]
	for _, column := range t.byName {
		if len(column.Metric) > 0 { // encoders reject an empty family
			t.families = append(t.families, column)
		}
	}
	slices.SortFunc(t.families, byName) // makes it quick to sort a whole result, most of which this is
	t.schema.grown(t.leaves.taken)
	t.ripe = true
}

func byName(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) }
