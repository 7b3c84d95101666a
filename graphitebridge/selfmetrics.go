package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A snapshot is the state after the last export, which only the exporting goroutine can read. A
// callback of the SDK must not wait for an export.
type snapshot struct {
	buffered int // lines
	oldest   time.Time
	drops    line.Drops
	merged   uint64
	again    delivery.Traffic
}

// show takes the snapshot. The caller must hold the turn.
func (e *Exporter) show() {
	s := snapshot{again: e.outbox.again}
	wait := func(lines int, oldest time.Time) {
		s.buffered += lines
		if !oldest.IsZero() && (s.oldest.IsZero() || oldest.Before(s.oldest)) {
			s.oldest = oldest
		}
	}
	if e.outbox.held {
		wait(e.outbox.batch.lines, e.outbox.batch.oldest)
	}
	if e.state != nil {
		wait(e.state.waiting())
		s.drops, s.merged = e.state.mapper.Drops(), e.state.mapper.Merged()
		s.drops[line.Bounds] += e.state.lost
	}
	if e.budget != nil {
		wait(e.budget.waiting())
		s.merged += e.budget.merged
		for i, n := range e.budget.drops {
			s.drops[i] += n
		}
	}
	e.last = s
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown = s
}

func (e *Exporter) snapshot() snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.shown
}

// Instrument creates the exporter's own metrics in mp, replacing those in the previous provider. It
// is for a provider that can only be created after the exporter. Nil means [otel.GetMeterProvider].
//
// The instruments are asynchronous and show the state after the last export, so sending them
// through this exporter creates nothing more to send.
func (e *Exporter) Instrument(mp metric.MeterProvider) error {
	if err := e.unregister(); err != nil {
		return err
	}
	if mp == nil {
		mp = otel.GetMeterProvider()
	}
	meter := mp.Meter(ScopeName, metric.WithInstrumentationVersion(otelsli.Version))
	i, err := newInstruments(meter)
	if err != nil {
		return fmt.Errorf("graphitebridge: create instruments: %w", err)
	}
	r, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		i.observe(o, e)
		return nil
	}, i.all...)
	if err != nil {
		return fmt.Errorf("graphitebridge: register callback: %w", err)
	}
	return e.observed(r.Unregister)
}

// observed stores the function that ends the metrics. There is one set of metrics at a time, and
// none after Shutdown.
func (e *Exporter) observed(end func() error) error {
	e.mu.Lock()
	end, e.unobserve = e.unobserve, end
	e.mu.Unlock()
	var errs []error
	if end != nil { // another call was faster
		errs = append(errs, end())
	}
	if e.down.Load() {
		errs = append(errs, e.unregister(), ErrShutdown)
	}
	return errors.Join(errs...)
}

// unregister ends the exporter's metrics.
func (e *Exporter) unregister() error {
	e.mu.Lock()
	end := e.unobserve
	e.unobserve = nil
	e.mu.Unlock()
	if end == nil {
		return nil
	}
	return end()
}

// instruments are the exporter's own metrics.
type instruments struct {
	all    []metric.Observable
	counts []countInstrument

	dropped, failures   metric.Int64ObservableCounter
	buffered            metric.Int64ObservableGauge
	oldest, lastSuccess metric.Float64ObservableGauge
}

// A countInstrument is a counter with a single value.
type countInstrument struct {
	metric.Int64ObservableCounter
	read func(*delivery.Stats, *snapshot) int64
}

func newInstruments(meter metric.Meter) (*instruments, error) {
	i := &instruments{}
	var errs []error
	counter := func(name, unit, description string) metric.Int64ObservableCounter {
		c, err := meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		i.all, errs = append(i.all, c), append(errs, err)
		return c
	}
	count := func(name, unit, description string, read func(*delivery.Stats, *snapshot) int64) {
		i.counts = append(i.counts, countInstrument{counter(name, unit, description), read})
	}
	count(MetricLinesSent, "{line}", "Lines handed to the kernel, repeats included.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Sent.Lines })
	count(MetricLinesAcknowledged, "{line}", "Lines acknowledged.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Acknowledged.Lines })
	count(MetricLinesResent, "{line}", "Lines sent that had been sent before.",
		func(s *delivery.Stats, l *snapshot) int64 { return s.Resent.Lines + l.again.Lines })
	count(MetricBytesSent, "By", "Bytes handed to the kernel, repeats included.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Sent.Bytes })
	count(MetricBytesAcknowledged, "By", "Bytes acknowledged.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Acknowledged.Bytes })
	count(MetricBytesResent, "By", "Bytes sent that had been sent before.",
		func(s *delivery.Stats, l *snapshot) int64 { return s.Resent.Bytes + l.again.Bytes })
	count(MetricPointsMerged, "{point}", "Sums that were added to others of their name.",
		func(_ *delivery.Stats, l *snapshot) int64 { return int64(l.merged) })
	count(MetricConnects, "{connection}", "Connections opened.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Connects })
	count(MetricReplies, "{line}", "Lines that the receiver sent.",
		func(s *delivery.Stats, _ *snapshot) int64 { return s.Replies.Lines })
	i.dropped = counter(MetricLinesDropped, "{line}", "Lines dropped, by reason.")
	i.failures = counter(MetricFailures, "{failure}", "Attempts to deliver that failed, by kind.")
	var err error
	i.buffered, err = meter.Int64ObservableGauge(MetricSeriesBuffered, metric.WithUnit("{line}"),
		metric.WithDescription("Lines that wait for acknowledgement."))
	errs = append(errs, err)
	i.oldest, err = meter.Float64ObservableGauge(MetricOldestAge, metric.WithUnit("s"),
		metric.WithDescription("Time for which the oldest line has waited, but for the window of mode stream."))
	errs = append(errs, err)
	i.lastSuccess, err = meter.Float64ObservableGauge(MetricLastSuccess, metric.WithUnit("s"),
		metric.WithDescription("Time of the last acknowledgement, in seconds since 1970."))
	i.all = append(i.all, i.buffered, i.oldest, i.lastSuccess)
	return i, errors.Join(append(errs, err)...)
}

// observe reports the state of the exporter.
func (i *instruments) observe(o metric.Observer, e *Exporter) {
	name := attribute.String(AttributeExporter, e.config.Name)
	own := metric.WithAttributeSet(attribute.NewSet(name))
	stats, shown := e.sender.Stats(), e.snapshot()
	for _, c := range i.counts {
		o.ObserveInt64(c.Int64ObservableCounter, c.read(&stats, &shown), own)
	}
	for r, n := range shown.drops {
		o.ObserveInt64(i.dropped, int64(n), metric.WithAttributes(name, attribute.String(AttributeReason, line.Reason(r).String())))
	}
	for k, n := range stats.Failures {
		o.ObserveInt64(i.failures, n, metric.WithAttributes(name, attribute.String(AttributeKind, delivery.Failure(k).String())))
	}
	o.ObserveInt64(i.buffered, int64(shown.buffered)+stats.Retained.Lines, own)
	age := 0.0
	if !shown.oldest.IsZero() {
		age = time.Since(shown.oldest).Seconds()
	}
	o.ObserveFloat64(i.oldest, age, own)
	if !stats.LastSuccess.IsZero() {
		o.ObserveFloat64(i.lastSuccess, float64(stats.LastSuccess.UnixMilli())/1e3, own)
	}
}
