package otelsli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// A Catalog is a set of uniquely named SLIs that are exported together. The zero value is empty and
// ready to use. A Catalog must not be copied. Its methods are safe for concurrent use.
type Catalog struct {
	logger    atomic.Pointer[slog.Logger]
	exemplars atomic.Uint32          // an ExemplarFilter, which events read
	order     appendOnly[*indicator] // grows under mu; read without it by callbacks that run under an SDK's locks

	mu          sync.Mutex
	prefix      string // "": DefaultPrefix, until frozen
	layout      Layout
	frozen      bool
	byName      map[string]*indicator
	metrics     map[string]string // Prometheus name of a counter → SLI that owns it
	families    []*Family         // of the SLIs; set when frozen
	undeclared  *Family
	claimedBy   string
	meters      *meterDoor // of Register
	attachments map[any]any
}

var defaultCatalog = NewCatalog()

// Default returns the catalog of the SLIs that are declared without [WithCatalog].
func Default() *Catalog { return defaultCatalog }

// NewCatalog returns an empty catalog.
func NewCatalog() *Catalog { return &Catalog{} }

// A CatalogOption configures a [Catalog].
type CatalogOption interface{ applyCatalog(*catalogConfig) }

type catalogOptionFunc func(*catalogConfig)

func (f catalogOptionFunc) applyCatalog(c *catalogConfig) { f(c) }

type catalogConfig struct {
	prefix    string
	layout    Layout
	logger    *slog.Logger
	exemplars ExemplarFilter
}

// WithPrefix sets the first part of all metric names, such as "gitlab_sli". Default and "":
// [DefaultPrefix].
func WithPrefix(prefix string) CatalogOption {
	return catalogOptionFunc(func(c *catalogConfig) { c.prefix = prefix })
}

// WithLayout sets which counters the SLIs are exported as. Default: [Counters].
func WithLayout(l Layout) CatalogOption {
	return catalogOptionFunc(func(c *catalogConfig) { c.layout = l })
}

// WithLogger sets the logger for warnings about declarations and recorded labels. Default and nil:
// [slog.Default].
func WithLogger(l *slog.Logger) CatalogOption {
	return catalogOptionFunc(func(c *catalogConfig) { c.logger = l })
}

// Configure changes the catalog. The prefix and the layout can be changed until the first
// collection; after that, changing them returns [ErrFrozen]. If Configure returns an error, nothing
// has changed.
func (c *Catalog) Configure(options ...CatalogOption) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	cfg := catalogConfig{prefix: c.prefix, layout: c.layout, logger: c.logger.Load(), exemplars: c.exemplarFilter()}
	for _, o := range options {
		if o != nil {
			o.applyCatalog(&cfg)
		}
	}
	if cfg.prefix == "" {
		cfg.prefix = DefaultPrefix
	}
	p := &problems{subject: "catalog: "}
	if want := wrongPrefix(cfg.prefix); want != "" {
		p.add("WithPrefix", cfg.prefix, "%s", want)
	}
	if int(cfg.layout) >= len(layoutNames) {
		p.add("WithLayout", cfg.layout, "Counters or Outcomes")
	}
	if int(cfg.exemplars) >= len(exemplarFilterNames) {
		p.add("WithExemplars", cfg.exemplars, "TraceBased, AlwaysOff or AlwaysOn")
	}
	if c.frozen && (cfg.prefix != c.prefix || cfg.layout != c.layout) {
		p.list = append(p.list, ErrFrozen)
	}
	if err := p.err(); err != nil {
		return err
	}
	c.prefix, c.layout = cfg.prefix, cfg.layout
	c.logger.Store(cfg.logger)
	c.exemplars.Store(uint32(cfg.exemplars))
	return nil
}

// Claim marks the catalog as exported by one exporter or setup and returns a function that releases
// it. It fails with [ErrClaimed] while another claim or [Catalog.Register] holds the catalog,
// because the same counters would be exported twice. by names the claimant in that error.
func (c *Catalog) Claim(by string) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claimedBy != "" {
		return nil, fmt.Errorf("%w by %s: want that ended before %s begins", ErrClaimed, c.claimedBy, by)
	}
	c.claimedBy = cmp.Or(by, "another setup")
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.claimedBy = ""
	}), nil
}

// Attachment returns the value that an exporter keeps with the catalog under key, such as what it
// had delivered before it was shut down and started again. If there is none yet, Attachment calls
// create once; create must not use the catalog. As with a context value, the key's type should be
// the exporter's own.
func (c *Catalog) Attachment(key any, create func() any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.attachments[key]; ok {
		return a
	}
	if c.attachments == nil {
		c.attachments = make(map[any]any)
	}
	a := create()
	c.attachments[key] = a
	return a
}

func (c *Catalog) exemplarFilter() ExemplarFilter { return ExemplarFilter(c.exemplars.Load()) }

func (c *Catalog) log() *slog.Logger {
	if l := c.logger.Load(); l != nil {
		return l
	}
	return slog.Default()
}

// freeze makes the prefix and the layout final and returns the families.
func (c *Catalog) freeze() []*Family {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen {
		if c.prefix == "" {
			c.prefix = DefaultPrefix
		}
		c.frozen = true
		c.undeclared = newUndeclaredFamily(c)
		for _, ind := range c.order.load() {
			c.layOut(ind)
		}
	}
	if len(c.order.load()) == 0 {
		return nil
	}
	return append(slices.Clip(c.families), c.undeclared)
}

// layOut creates the family of one SLI of a frozen catalog. The caller holds the lock.
func (c *Catalog) layOut(ind *indicator) {
	ind.freeze(c.prefix, c.layout)
	c.families = append(c.families, ind.family)
}

// register adds a validated SLI with its series to the catalog and returns s itself, or the same
// SLI if it was declared before.
func register[L comparable](c *Catalog, s *SLI[L]) (*SLI[L], error) {
	typ := reflect.TypeFor[L]()
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.byName[s.ind.spec.Name]; known != nil {
		if err := known.sameShape(s.ind); err != nil {
			return nil, err
		}
		known.mu.Lock()
		defer known.mu.Unlock()
		if same, ok := known.wrappers[typ]; ok {
			return same.(*SLI[L]), nil
		}
		same := newSLI(known, s.threshold)
		known.wrappers[typ] = same
		return same, nil
	}
	if err := c.add(s.ind); err != nil {
		return nil, err
	}
	s.ind.wrappers[typ] = s
	return s, nil
}

// add adds a new SLI to the catalog. The caller holds the lock.
func (c *Catalog) add(ind *indicator) error {
	ind.catalog = c
	ind.undeclaredSets = undeclaredSets(ind.spec.Name)
	names := metricNames(DefaultPrefix, ind.spec)
	p := sliProblems(ind.spec.Name)
	for _, name := range names {
		if owner, taken := c.metrics[name]; taken {
			p.add("Name", ind.spec.Name, "another name: the metric %s would also be that of SLI %q", name, owner)
		}
	}
	if err := p.err(); err != nil {
		return err
	}
	if c.frozen {
		c.layOut(ind)
	}
	if c.meters != nil {
		if err := c.meters.attach(ind); err != nil {
			if c.frozen {
				c.families = c.families[:len(c.families)-1]
			}
			return err
		}
	}
	if c.byName == nil {
		c.byName, c.metrics = make(map[string]*indicator), make(map[string]string)
	}
	c.byName[ind.spec.Name] = ind
	for _, name := range names {
		c.metrics[name] = ind.spec.Name
	}
	c.order.add(ind)
	return nil
}

// warn logs what is valid in a declaration but rarely intended. The caller holds no lock, because
// the logger is user code.
func (ind *indicator) warn() {
	if names := ind.labels.overwritten(); len(names) > 0 {
		ind.catalog.log().Warn("otelsli: scrape configurations often set labels of these names, which renames ours to exported_…",
			"sli", ind.spec.Name, "labels", names)
	}
	if slos := ind.spec.Objective.unreachable(); len(slos) > 0 {
		ind.catalog.log().Warn("otelsli: the objective is so low that the fastest burn-rate alert, 14.4 times the budget, can never fire",
			"sli", ind.spec.Name, "objectives", slos)
	}
}

// sameShape reports how other, declared under the same name, differs. The description may differ:
// it is text for people, and two versions of a library may word it differently.
func (ind *indicator) sameShape(other *indicator) error {
	p := &problems{subject: fmt.Sprintf("SLI %q, declared before: ", ind.spec.Name)}
	mine, theirs := reflect.ValueOf(ind.spec), reflect.ValueOf(other.spec)
	for i := range mine.NumField() {
		name := mine.Type().Field(i).Name
		if a, b := mine.Field(i).Interface(), theirs.Field(i).Interface(); a != b && name != "Description" {
			p.add(name, b, "%v, as before", a)
		}
	}
	if !slices.Equal(ind.labels.names, other.labels.names) {
		p.add("labels", other.labels.names, "%v, as before", ind.labels.names)
	}
	if ind.thresholds != other.thresholds {
		p.add("WithThreshold", other.thresholds, "%v, as before", ind.thresholds)
	}
	return errors.Join(p.list...)
}
