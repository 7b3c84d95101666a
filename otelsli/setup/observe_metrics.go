package setup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// durations are the histogram bounds, in seconds: from a scrape of few series to an export that
// times out.
var durations = metric.WithExplicitBucketBoundaries(0.005, 0.025, 0.1, 0.5, 2.5, 10, 30)

// An instrumenter creates instruments and collects the errors.
type instrumenter struct {
	meter metric.Meter
	all   []metric.Observable
	errs  []error
}

func (i *instrumenter) counter(name, unit, description string) metric.Int64ObservableCounter {
	c, err := i.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	i.all, i.errs = append(i.all, c), append(i.errs, err)
	return c
}

func (i *instrumenter) histogram(name, description string) metric.Float64Histogram {
	h, err := i.meter.Float64Histogram(name, metric.WithUnit(unitSeconds), metric.WithDescription(description), durations)
	i.errs = append(i.errs, err)
	return h
}

// observe registers the callback.
func (i *instrumenter) observe(f func(metric.Observer)) {
	_, err := i.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error { f(o); return nil }, i.all...)
	i.errs = append(i.errs, err)
}

// gauge creates a gauge in seconds.
func (i *instrumenter) gauge(name, description string) metric.Float64ObservableGauge {
	g, err := i.meter.Float64ObservableGauge(name, metric.WithUnit(unitSeconds), metric.WithDescription(description))
	i.all, i.errs = append(i.all, g), append(i.errs, err)
	return g
}

// instrument makes the pipelines report on themselves through instruments of the provider, which
// end with it.
func (o *observer) instrument(provider metric.MeterProvider) error {
	if len(o.pushes) == 0 && o.scrapes == nil {
		return nil
	}
	i := &instrumenter{meter: provider.Meter(ScopeName, metric.WithInstrumentationVersion(otelsli.Version))}
	lastSuccess := i.gauge(MetricLastSuccess, "Time of the last export that arrived, in seconds since 1970.")
	if len(o.pushes) > 0 {
		i.observePushes(o.pushes, lastSuccess)
	}
	if o.scrapes != nil {
		i.observeScrapes(o.scrapes, lastSuccess)
	}
	if err := errors.Join(i.errs...); err != nil {
		return fmt.Errorf("setup: instruments of the pipelines: %w", err)
	}
	return nil
}

// pushInstruments are the instruments of the push pipelines.
type pushInstruments struct {
	exports, exported, dropped, collectionFailures metric.Int64ObservableCounter

	failing     metric.Int64ObservableGauge
	lastSuccess metric.Float64ObservableGauge
}

func (i *instrumenter) observePushes(pushes []*watch, lastSuccess metric.Float64ObservableGauge) {
	p := pushInstruments{
		exports:            i.counter(MetricExports, unitExport, "Exports, by result."),
		exported:           i.counter(MetricPointsExported, unitPoint, "Data points that arrived."),
		dropped:            i.counter(MetricPointsDropped, unitPoint, "Data points that are lost for good, by reason."),
		collectionFailures: i.counter(MetricCollectionFailures, unitFailure, "Collections of the application's metrics that failed."),
		lastSuccess:        lastSuccess,
	}
	var err error
	p.failing, err = i.meter.Int64ObservableGauge(MetricFailing, metric.WithUnit(unitFailure),
		metric.WithDescription("Exports that failed since the last that arrived."))
	i.all, i.errs = append(i.all, p.failing), append(i.errs, err)
	export := i.histogram(MetricExportDuration, "Time that the exporter took.")
	collection := i.histogram(MetricCollectionDuration, "Time that the collection before an export took.")
	for _, w := range pushes {
		w.exportDuration, w.collectionDuration = export, collection
	}
	i.observe(func(to metric.Observer) {
		for _, w := range pushes {
			p.observe(to, w.name, w.own, w.snapshot())
		}
	})
}

func (p *pushInstruments) observe(to metric.Observer, name string, own metric.MeasurementOption, t tally) {
	for r, n := range t.results {
		to.ObserveInt64(p.exports, n, with(name, AttributeResult, slisdk.Result(r).String()))
	}
	to.ObserveInt64(p.exported, t.exported, own)
	to.ObserveInt64(p.dropped, t.rejected, with(name, AttributeReason, ReasonRejected))
	to.ObserveInt64(p.dropped, t.lost, with(name, AttributeReason, ReasonLost))
	to.ObserveInt64(p.collectionFailures, t.collectionFailed, own)
	to.ObserveInt64(p.failing, t.failing, own)
	if !t.lastSuccess.IsZero() {
		to.ObserveFloat64(p.lastSuccess, unixSeconds(t.lastSuccess), own)
	}
}

func (i *instrumenter) observeScrapes(w *scrapeWatch, lastSuccess metric.Float64ObservableGauge) {
	w.duration = i.histogram(MetricScrapeDuration, "Time until the response to a scrape was complete.")
	scrapes := i.counter(MetricScrapes, unitScrape, "Requests for the metrics, by result.")
	i.observe(func(to metric.Observer) {
		t := w.snapshot()
		to.ObserveInt64(scrapes, t.delivered, with(pullName, AttributeResult, ScrapeDelivered))
		to.ObserveInt64(scrapes, t.aborted, with(pullName, AttributeResult, ScrapeAborted))
		to.ObserveInt64(scrapes, t.refused, with(pullName, AttributeResult, ScrapeRefused))
		if !t.last.IsZero() {
			to.ObserveFloat64(lastSuccess, unixSeconds(t.last), w.own)
		}
	})
}

func ofPipeline(name string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String(AttributePipeline, name)))
}

func with(name, key, value string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String(AttributePipeline, name), attribute.String(key, value)))
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }
