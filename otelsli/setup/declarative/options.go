package declarative

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// DefaultShutdownTimeout is the default of [WithShutdownTimeout].
const DefaultShutdownTimeout = 10 * time.Second

// An Option configures [Start].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// A config is what the options ask for.
type config struct {
	catalog         *otelsli.Catalog
	logger          *slog.Logger
	limit           int
	shutdownTimeout time.Duration
	withoutGlobal   bool
}

func newConfig(options []Option) *config {
	cfg := &config{limit: otelsli.DefaultCardinalityLimit}
	for _, o := range options {
		if o != nil {
			o.apply(cfg)
		}
	}
	cfg.catalog = cmp.Or(cfg.catalog, otelsli.Default())
	cfg.logger = cmp.Or(cfg.logger, slog.Default())
	cfg.shutdownTimeout = cmp.Or(cfg.shutdownTimeout, DefaultShutdownTimeout)
	return cfg
}

// WithCatalog exports the SLIs of c. Default and nil: [otelsli.Default].
func WithCatalog(c *otelsli.Catalog) Option {
	return optionFunc(func(cfg *config) { cfg.catalog = c })
}

// WithLogger sets the logger for warnings about the file. Default and nil: [slog.Default].
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(cfg *config) { cfg.logger = l })
}

// WithCardinalityLimit sets how many attribute sets an instrument accepts, of SLIs and of all other
// metrics, in readers for which the file sets no cardinality_limits. Default:
// [otelsli.DefaultCardinalityLimit], the SDK's default. Zero or less means no limit.
func WithCardinalityLimit(n int) Option {
	return optionFunc(func(cfg *config) { cfg.limit = max(n, 0) })
}

// WithShutdownTimeout limits [Telemetry.Shutdown] if its context has no deadline. Default, 0 and
// less: [DefaultShutdownTimeout].
func WithShutdownTimeout(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.shutdownTimeout = max(d, 0) })
}

// WithoutGlobal leaves the global providers and the global propagator as they are. Default: Start
// sets them.
func WithoutGlobal() Option {
	return optionFunc(func(cfg *config) { cfg.withoutGlobal = true })
}
