package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

var _ sdkmetric.Exporter = (*Exporter)(nil)

// An Exporter sends metrics to Graphite or OpenTSDB receivers. It is an exporter for the
// OpenTelemetry SDK: use it in a pipeline of package slisdk, with setup.WithExporter or in a
// PeriodicReader. All methods are safe for concurrent use.
type Exporter struct {
	config Config
	sender sender
	health outage
	owned  *claim // nil if there is nothing that another exporter could send too

	turn   chan struct{} // holds a token while somebody exports; guards the next five
	state  *state        // nil if only the error budget is sent
	budget *budget       // nil if there is none
	outbox *outbox
	kept   metricdata.ResourceMetrics // the rest of an export, without SLIs
	last   snapshot

	life   context.Context // of all flushes except the last
	cancel context.CancelCauseFunc
	down   atomic.Bool

	mu        sync.Mutex // guards what follows
	shown     snapshot   // after the last export
	unobserve func() error
}

// New makes an exporter. It opens no connection. If the configuration is invalid, the error joins
// all problems, each an [otelsli.FieldError].
func New(c Config) (*Exporter, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	client, err := newClient(c.Servers, c.defaultPort(), c.TLS, c.Mode, c.Delivery, c.Logger)
	if err != nil {
		return nil, fmt.Errorf("graphitebridge: %w", err)
	}
	e, err := newExporter(c, client)
	if err != nil {
		return nil, errors.Join(err, client.Close(context.Background())) // it has no connection yet
	}
	return e, nil
}

// newExporter makes an exporter from a valid configuration.
func newExporter(c Config, s sender) (*Exporter, error) {
	e := &Exporter{
		config: c,
		sender: s,
		health: outage{logger: c.Logger, what: "delivery to " + strings.Join(c.Servers, ", "), every: c.LogInterval},
		turn:   make(chan struct{}, 1),
	}
	e.life, e.cancel = context.WithCancelCause(context.Background())
	var sources []source
	if c.ErrorBudget == nil || c.ErrorBudget.AllMetrics {
		var err error
		if e.state, err = newState(c.Line, c.Increments); err != nil {
			return nil, err
		}
		sources = append(sources, e.state)
	}
	if c.ErrorBudget != nil {
		preset := c.ErrorBudget.withDefaults()
		e.budget = newBudget(preset, deliveredOf(preset.Catalog, c.Name), c.Logger)
		sources = append(sources, e.budget)
	}
	if err := e.claim(); err != nil {
		return nil, err
	}
	e.outbox = newOutbox(s, c.BatchBytes, sources...)
	if err := e.Instrument(c.MeterProvider); err != nil {
		e.release()
		return nil, err
	}
	return e, nil
}

// claim makes the exporter the only one of its name that sends increments of the catalog.
func (e *Exporter) claim() error {
	switch {
	case e.budget != nil:
		e.owned = &e.budget.delivered.owner
	case e.config.Increments:
		e.state.memory = memoryOf(e.config.Catalog, e.config.Name)
		e.owned = &e.state.memory.owner
	default:
		return nil
	}
	if !e.owned.take() {
		e.owned = nil
		return errTaken(e.config.Name)
	}
	return nil
}

func (e *Exporter) release() {
	if e.owned != nil {
		e.owned.release()
	}
}

// Temporality is always cumulative, even if increments are sent. The SDK does not hand over a delta
// again, but a pipeline that merges failed intervals does: computing the differences from what was
// acknowledged is right in both cases.
func (e *Exporter) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

// Aggregation returns the aggregation selected by [Config].Aggregation.
func (e *Exporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return e.config.Aggregation(kind)
}

// Export absorbs rm, copying what it keeps, and sends everything that waits. It returns when ctx
// ends, or after [Config].Timeout if ctx has no deadline. An error means that something was not
// acknowledged, and names the server; a later call sends it, totals in their newest state. A total
// that changed within the second of its last line also waits for a later call, which is not an
// error.
func (e *Exporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.run(ctx, func(ctx context.Context) error {
		e.update(rm)
		return e.flush(ctx, false)
	})
}

// ForceFlush sends what waits from earlier exports, except what must still wait for another second.
func (e *Exporter) ForceFlush(ctx context.Context) error {
	return e.run(ctx, func(ctx context.Context) error { return e.flush(ctx, false) })
}

// run calls f with the turn, until ctx or the exporter ends.
func (e *Exporter) run(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	if err := e.takeTurn(ctx); err != nil {
		return err
	}
	defer e.passTurn()
	if e.down.Load() {
		return ErrShutdown
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	defer context.AfterFunc(e.life, func() { abort(ErrShutdown) })()
	return f(ctx)
}

func (e *Exporter) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, e.config.Timeout)
}

func (e *Exporter) takeTurn(ctx context.Context) error {
	if err := take(ctx, e.turn); err != nil {
		return fmt.Errorf("graphitebridge: wait for an earlier export to %s: %w", e.servers(), err)
	}
	return nil
}

// take takes the turn. A free turn is taken even if ctx has ended.
func take(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *Exporter) passTurn() { <-e.turn }

// update absorbs collected metrics.
func (e *Exporter) update(rm *metricdata.ResourceMetrics) {
	if e.state != nil && rm != nil {
		e.state.update(e.without(rm))
	}
	if e.budget != nil {
		e.budget.update()
	}
}

// without leaves out the SLIs if they are sent as an error budget.
func (e *Exporter) without(rm *metricdata.ResourceMetrics) *metricdata.ResourceMetrics {
	if e.budget == nil {
		return rm
	}
	e.kept.Resource, e.kept.ScopeMetrics = rm.Resource, e.kept.ScopeMetrics[:0]
	for _, s := range rm.ScopeMetrics {
		if s.Scope.Name != otelsli.ScopeName {
			e.kept.ScopeMetrics = append(e.kept.ScopeMetrics, s)
		}
	}
	return &e.kept
}

// flush sends what waits and records the outcome.
func (e *Exporter) flush(ctx context.Context, final bool) error {
	err := e.outbox.flush(ctx, final)
	e.show()
	waiting := e.last.buffered
	if err == nil {
		if waiting == 0 { // otherwise lines wait for another second, and perhaps nothing was sent
			e.health.succeeded()
		}
		return nil
	}
	if !errors.Is(context.Cause(ctx), ErrShutdown) { // the last flush reports the outcome
		e.health.failed(err, "buffered", waiting)
	}
	return fmt.Errorf("graphitebridge: %d lines wait: %w; check that a receiver for %s listens on %s, and that nothing between closes the connection",
		waiting, err, e.protocol(), e.servers())
}

// Endpoint returns the servers, separated by commas, for logs. It cannot contain a secret.
func (e *Exporter) Endpoint() string { return e.servers() }

func (e *Exporter) servers() string { return strings.Join(e.config.Servers, ", ") }

func (e *Exporter) protocol() string {
	if e.budget != nil {
		return "error-budget put lines"
	}
	return e.config.Line.Format.String() + " lines"
}

// Shutdown aborts a running export, sends what waits for the last time and closes the connection,
// within ctx, or [Config].Timeout if ctx has no deadline. Its error says how much could not be sent.
// Later calls return [ErrShutdown].
func (e *Exporter) Shutdown(ctx context.Context) error {
	if e.down.Swap(true) {
		return ErrShutdown
	}
	e.cancel(ErrShutdown)
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	err := e.lastFlush(ctx)
	err = errors.Join(err, e.sender.Close(ctx), e.unregister())
	e.release()
	return err
}

// lastFlush leaves some of the time for closing. It waits for the running export, which has been
// aborted, even if ctx has ended: another exporter can continue only if it is known what was
// delivered.
func (e *Exporter) lastFlush(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/10))
		defer cancel()
	}
	e.turn <- struct{}{}
	defer e.passTurn()
	err := e.flush(ctx, true)
	if e.state != nil {
		e.state.remember()
	}
	return err
}
