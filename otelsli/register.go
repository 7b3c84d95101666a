package otelsli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/embedded"
)

// DefaultCardinalityLimit is the number of attribute sets that an instrument of the OpenTelemetry
// SDK accepts by default, including the SDK's own overflow set.
const DefaultCardinalityLimit = 2000

// A RegisterOption configures [Catalog.Register].
type RegisterOption interface{ applyRegister(*registerConfig) }

type registerOptionFunc func(*registerConfig)

func (f registerOptionFunc) applyRegister(c *registerConfig) { f(c) }

type registerConfig struct{ limit int }

// WithCardinalityLimit states the cardinality limit that the MeterProvider was created with. The
// limit cannot be read from the provider, and the SDK would fold the series beyond it into one.
// Default: [DefaultCardinalityLimit]. Zero or less means no limit.
func WithCardinalityLimit(n int) RegisterOption {
	return registerOptionFunc(func(c *registerConfig) { c.limit = n })
}

// Register exports the catalog through mp, with asynchronous instruments, for an application that
// has its own OpenTelemetry setup. SLIs and series that are declared later are added automatically.
// Unregister on the result ends the export.
//
// Register returns [ErrClaimed] if the catalog is already exported by other means. Series start
// times and exemplars do not pass through a MeterProvider. An SLI with more series than mp accepts
// is an error, either here or where it is declared; once the limit is reached, undeclared
// combinations overflow until Unregister.
func (c *Catalog) Register(mp metric.MeterProvider, options ...RegisterOption) (metric.Registration, error) {
	if mp == nil {
		return nil, &FieldError{Field: "Register", Value: "a nil MeterProvider", Want: "the application's, such as otel.GetMeterProvider()"}
	}
	cfg := registerConfig{limit: DefaultCardinalityLimit}
	for _, o := range options {
		if o != nil {
			o.applyRegister(&cfg)
		}
	}
	release, err := c.Claim("Register")
	if err != nil {
		return nil, err
	}
	c.freeze()
	door := &meterDoor{
		meter:   mp.Meter(ScopeName, metric.WithInstrumentationVersion(Version)),
		limit:   cfg.limit,
		release: release,
		catalog: c,
	}
	if err := c.open(door); err != nil {
		return nil, errors.Join(err, door.Unregister())
	}
	return door, nil
}

// open attaches all SLIs to the door; later ones are attached when they are declared.
func (c *Catalog) open(door *meterDoor) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	door.slis = door.newBudget(setsPerSLI)
	if c.layout == Outcomes {
		door.shared = door.newBudget(outcomes)
	}
	var errs []error
	for _, ind := range c.order.load() {
		errs = append(errs, door.attach(ind))
	}
	errs = append(errs, door.observe(c.undeclared))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.meters = door
	return nil
}

// setsPerSLI is the number of attribute sets that an SLI has in each instrument shared by all SLIs:
// one per kind of objective, or one per kind of undeclared series.
const setsPerSLI = 2

// A meterDoor exports a catalog through a MeterProvider. It is guarded by the lock of the catalog.
// The SDK's lock may be taken under that lock, but the callbacks, which run under the SDK's lock,
// never take the catalog's.
type meterDoor struct {
	embedded.Registration
	meter   metric.Meter
	limit   int     // of attribute sets per instrument; 0 or less: no limit
	slis    *budget // of SLIs
	shared  *budget // of series, if all SLIs share an instrument
	release func()
	catalog *Catalog

	registrations []metric.Registration
	attached      []*indicator
}

// newBudget returns the budget of an instrument in which each item takes the given number of
// attribute sets. One set is the SDK's own.
func (d *meterDoor) newBudget(sets int) *budget {
	if d.limit <= 0 {
		return nil
	}
	return &budget{left: (d.limit - 1) / sets}
}

// attach exports one SLI and limits its series from now on.
func (d *meterDoor) attach(ind *indicator) error {
	if !d.slis.take(1) {
		return d.tooMany(ind, fmt.Sprintf("SLI number %d", len(d.attached)+1), len(d.attached))
	}
	b := d.shared
	if b == nil {
		b = d.newBudget(1)
	}
	if n, ok := ind.bound(b); !ok {
		d.slis.put(1)
		return d.tooMany(ind, fmt.Sprintf("%d series, the overflow series among them", n), b.room())
	}
	d.attached = append(d.attached, ind)
	return d.observe(ind.family)
}

func (d *meterDoor) tooMany(ind *indicator, what string, room int) error {
	return &FieldError{
		Field: fmt.Sprintf("SLI %q", ind.spec.Name),
		Value: what,
		Want: fmt.Sprintf("at most %d, which an instrument of %d has room for, "+
			"or a MeterProvider with a higher limit, stated by WithCardinalityLimit", room, d.limit),
	}
}

// bound charges the existing series to b, and later ones as they are created; b replaces the
// previous budget. It returns the number of series it asked for.
func (ind *indicator) bound(b *budget) (n int, ok bool) {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	n = len(ind.all.load())
	if ind.overflow.Load() == nil {
		n++ // a place is reserved for it
	}
	if ok = b.take(n); ok {
		ind.budget = b
		ind.full.Store(ind.full.Load() && len(ind.strays) >= ind.limit) // unless only the previous budget was exhausted
	}
	return n, ok
}

// observe creates the instruments of a family and the one callback that serves them. The callback
// never fails, because an error would cost the application its whole export.
func (d *meterDoor) observe(f *Family) error {
	var errs []error
	counters := make([]metric.Int64ObservableCounter, len(f.counters))
	instruments := make([]metric.Observable, 0, len(f.counters)+len(f.objectives))
	for i, c := range f.counters {
		var err error
		counters[i], err = d.meter.Int64ObservableCounter(c.Name, metric.WithDescription(c.Description), metric.WithUnit(c.Unit))
		instruments, errs = append(instruments, counters[i]), append(errs, err)
	}
	gauges := make([]metric.Float64ObservableGauge, len(f.objectives))
	for i, g := range f.objectives {
		var err error
		gauges[i], err = d.meter.Float64ObservableGauge(g.Name, metric.WithDescription(g.Description), metric.WithUnit(g.Unit))
		instruments, errs = append(instruments, gauges[i]), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("otelsli: SLI %q: create instruments: %w", f.name, err)
	}
	prepared := observeOptions{family: f}
	r, err := d.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		options := prepared.upToDate()
		for p := range f.points {
			for i, c := range counters {
				if v, ok := p.Value(i); ok && p.Index < len(options) {
					o.ObserveInt64(c, v, options[p.Index][i:i+1]...) // a new slice would be allocated
				}
			}
		}
		for i, g := range f.objectives {
			o.ObserveFloat64(gauges[i], g.Value, metric.WithAttributeSet(g.Attributes))
		}
		return nil
	}, instruments...)
	if err != nil {
		return fmt.Errorf("otelsli: SLI %q: register callback: %w", f.name, err)
	}
	d.registrations = append(d.registrations, r)
	return nil
}

// observeOptions caches the options of a family's points; all readers share them.
type observeOptions struct {
	family *Family
	mu     sync.Mutex
	known  [][]metric.ObserveOption // by point index, then by counter
}

// upToDate returns the options of all points that exist now. The result does not change.
func (o *observeOptions) upToDate() [][]metric.ObserveOption {
	o.mu.Lock()
	defer o.mu.Unlock()
	for p := range o.family.points {
		if p.Index < len(o.known) {
			continue
		}
		options := make([]metric.ObserveOption, len(o.family.counters))
		for i := range options {
			options[i] = metric.WithAttributeSet(p.Attributes(i))
		}
		o.known = append(o.known, options)
	}
	return o.known
}

// Unregister ends the export through the MeterProvider. It may be called more than once.
func (d *meterDoor) Unregister() error {
	registrations, attached := d.close()
	var errs []error
	for _, r := range registrations {
		errs = append(errs, r.Unregister())
	}
	for _, ind := range attached {
		ind.bound(nil)
	}
	d.release()
	return errors.Join(errs...)
}

// close stops the attachment of new SLIs and returns what has to be undone.
func (d *meterDoor) close() ([]metric.Registration, []*indicator) {
	d.catalog.mu.Lock()
	defer d.catalog.mu.Unlock()
	if d.catalog.meters == d {
		d.catalog.meters = nil
	}
	registrations, attached := d.registrations, d.attached
	d.registrations, d.attached = nil, nil
	return registrations, attached
}
