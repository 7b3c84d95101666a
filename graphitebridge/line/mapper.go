package line

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// A Mapper converts metric data to samples of series. It is not safe for concurrent use.
type Mapper struct {
	config   Config
	namer    namer
	metrics  map[metricKey]*metric
	owners   map[string]*Origin // by line name
	kept     int                // lines, plus refused origins
	resource attribute.Distinct
	named    bool // the resource has been read

	generation uint64
	drops      Drops
	merged     uint64
	full       bool

	now    int64
	yield  func(*Sample)
	sample Sample
	values []Number

	quantiles []float64 // of the current summary
}

type metricKey struct {
	scope, version, schema string
	attributes             attribute.Distinct // of the scope
	name                   string
	kind                   Kind
}

func keyOf(scope *instrumentation.Scope, name string, kind Kind) metricKey {
	return metricKey{scope.Name, scope.Version, scope.SchemaURL, scope.Attributes.Equivalent(), name, kind}
}

// A metric is all origins with one metric name.
type metric struct {
	key     metricKey
	origins map[attribute.Distinct]*Origin
}

// NewMapper makes a Mapper. Its error is that of [Config.Validate].
func NewMapper(c Config) (*Mapper, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	return &Mapper{
		config:  c,
		namer:   newNamer(c),
		metrics: make(map[metricKey]*metric),
		owners:  make(map[string]*Origin),
	}, nil
}

// Map calls yield with every data point of rm, in order. A point without a time, or with one
// outside the 32 bits that receivers accept as seconds, gets now.
//
// What Map cannot convert is counted: see [Mapper.Drops].
func (m *Mapper) Map(rm *metricdata.ResourceMetrics, now time.Time, yield func(*Sample)) {
	m.generation++
	m.full = false
	m.now, m.yield = now.Unix(), yield
	m.use(rm.Resource)
	for i := range rm.ScopeMetrics {
		s := &rm.ScopeMetrics[i]
		for j := range s.Metrics {
			m.mapMetric(&s.Scope, &s.Metrics[j])
		}
	}
	m.yield = nil
}

// Drops returns how many lines have been dropped so far. A series whose names cannot be made counts
// as one line.
func (m *Mapper) Drops() Drops { return m.drops }

// Merged returns how many data points have been added to one of another origin so far.
func (m *Mapper) Merged() uint64 { return m.merged }

// Full reports whether the last call of Map dropped a series because of [Config].MaxSeries.
func (m *Mapper) Full() bool { return m.full }

// use renames all series if the resource has changed.
func (m *Mapper) use(r *resource.Resource) {
	if r == nil {
		r = resource.Empty()
	}
	id := r.Equivalent()
	if m.named && id == m.resource {
		return
	}
	m.resource = id
	m.namer.setResource(r)
	if m.named {
		m.rename()
	}
	m.named = true
}

// rename makes all names again, for another resource. Series that were refused or share another one
// still do: the resource is the same for all.
func (m *Mapper) rename() {
	clear(m.owners)
	for _, mt := range m.metrics {
		for _, o := range mt.origins {
			if o.series == nil || o.series.origin != o {
				continue
			}
			names, reason := m.namer.names(o, o.series.bounds)
			if reason == accepted && m.ownerOf(names) != nil {
				reason = Collision
			}
			o.series.refused = reason
			if reason == accepted {
				o.series.names = names
				m.own(o)
			}
		}
	}
}

// Forget drops the state of an origin that owns a series, and of those that share it.
func (m *Mapper) Forget(owner *Origin) {
	if owner.parts > 1 {
		for _, mt := range m.metrics {
			for _, o := range mt.origins {
				if o != owner && o.series != nil && o.series == owner.series {
					m.remove(o)
				}
			}
		}
	}
	m.disown(owner)
	m.remove(owner)
}

func (m *Mapper) remove(o *Origin) {
	m.kept -= o.weight()
	delete(o.metric.origins, o.key)
	if len(o.metric.origins) == 0 {
		delete(m.metrics, o.metric.key)
	}
}

// ForgetRefused drops the state of refused series that the last call of Map did not see, and of
// metrics without series.
func (m *Mapper) ForgetRefused() {
	for key, mt := range m.metrics {
		if len(mt.origins) == 0 {
			delete(m.metrics, key)
		}
		for _, o := range mt.origins {
			if o.series == nil && !m.Seen(o) {
				m.remove(o)
			}
		}
	}
}

// Seen reports whether the last call of Map saw a data point of the origin.
func (m *Mapper) Seen(o *Origin) bool { return o.seen == m.generation }

// weight returns how much an origin counts towards the limit.
func (o *Origin) weight() int {
	if o.series == nil || o.series.origin != o {
		return 1
	}
	return len(o.series.names)
}

// own registers the names of the origin's series.
func (m *Mapper) own(o *Origin) {
	for _, n := range o.series.names {
		m.owners[n.String()] = o
	}
}

func (m *Mapper) disown(o *Origin) {
	if o.series == nil {
		return
	}
	for _, n := range o.series.names {
		if key := n.String(); m.owners[key] == o {
			delete(m.owners, key)
		}
	}
}

// ownerOf returns an origin that has one of the names.
func (m *Mapper) ownerOf(names []Name) *Origin {
	for _, n := range names {
		if o := m.owners[n.String()]; o != nil {
			return o
		}
	}
	return nil
}

// origin returns the origin of a data point, a new one if necessary.
func (mt *metric) origin(attributes *attribute.Set) *Origin {
	key := attributes.Equivalent()
	o := mt.origins[key]
	if o == nil {
		o = &Origin{metric: mt, key: key, reason: accepted}
	}
	return o
}

// place gives an origin a series with explicit bounds. It returns nil if that is refused.
func (m *Mapper) place(o *Origin, attributes *attribute.Set, bounds []float64) *Series {
	o.seen = m.generation
	if o.reason != accepted {
		m.drops[o.reason]++
		return nil
	}
	if o.series != nil && o.expo == nil && sameBounds(o.series.bounds, bounds) {
		return o.series
	}
	o.expo = nil
	return m.create(o, attributes, bounds, false)
}

func sameBounds(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
