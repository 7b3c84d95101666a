package setup

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/slisdk"
)

// An observer watches the pipelines of one Start. It is created before they start and is complete
// by the time they do.
type observer struct {
	pushes    []*watch
	scrapes   *scrapeWatch // nil: no pipeline is scraped
	readiness readiness
	health    func() Health

	otelErrors bool // OpenTelemetry's errors are logged
}

// pages are the pages served next to /metrics.
func (o *observer) pages() []sliprom.MuxOption {
	return []sliprom.MuxOption{
		sliprom.WithReadiness(o.readiness.err),
		sliprom.WithHealthReport(func() any { return o.health() }),
	}
}

// A watch is the state of one push pipeline.
type watch struct {
	name, endpoint string
	logs           exportLogs

	exportDuration, collectionDuration metric.Float64Histogram // nil until there is a provider
	own                                metric.MeasurementOption

	mu    sync.Mutex
	tally tally
}

// A tally counts the rounds of a pipeline.
type tally struct {
	results          [slisdk.Results]int64
	exported         int64 // data points that arrived
	rejected, lost   int64
	collectionFailed int64

	lastSuccess  time.Time
	failing      int64 // exports since then
	failingSince time.Time
	lastErr      string
}

// watch creates the watch of a push pipeline. If quiet is set, the exporter logs its outages
// itself.
func (o *observer) watch(logger *slog.Logger, name string, exporter sdkmetric.Exporter, quiet bool) *watch {
	w := &watch{name: name, own: ofPipeline(name)}
	if e, ok := exporter.(interface{ Endpoint() string }); ok {
		w.endpoint = e.Endpoint()
	}
	deltas := exporter.Temporality(sdkmetric.InstrumentKindCounter) == metricdata.DeltaTemporality
	w.logs = newExportLogs(logger, w, deltas, quiet)
	o.pushes = append(o.pushes, w)
	return w
}

// round records a round.
func (w *watch) round(r slisdk.Round) {
	w.mu.Lock()
	w.tally.add(r, time.Now())
	w.mu.Unlock()
	w.record(r)
	w.logs.write(r)
}

// record records the durations.
func (w *watch) record(r slisdk.Round) {
	if w.exportDuration == nil {
		return
	}
	if r.Collection > 0 {
		w.collectionDuration.Record(context.Background(), r.Collection.Seconds(), w.own)
	}
	if r.Export > 0 {
		w.exportDuration.Record(context.Background(), r.Export.Seconds(), w.own)
	}
}

func (w *watch) snapshot() tally {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tally
}

func (t *tally) add(r slisdk.Round, now time.Time) {
	t.results[r.Result]++
	t.rejected += r.Rejected
	t.lost += int64(r.Lost)
	if r.CollectErr != nil {
		t.collectionFailed++
	}
	switch {
	case arrived(r):
		t.exported += int64(r.Points) - r.Rejected
		t.lastSuccess, t.failing, t.failingSince, t.lastErr = now, 0, time.Time{}, ""
	case r.Result == slisdk.Canceled: // says nothing about the backend
	default:
		if t.failing == 0 {
			t.failingSince = now
		}
		t.failing++
		t.lastErr = brief(r.Err)
	}
}

// arrived reports whether the receiver has accepted at least part of the export.
func arrived(r slisdk.Round) bool {
	return r.Result == slisdk.Delivered || r.Result == slisdk.Partial && r.Rejected < int64(r.Points)
}

// A scrapeWatch is the state of the pipeline that is scraped.
type scrapeWatch struct {
	duration metric.Float64Histogram // nil until there is a provider
	own      metric.MeasurementOption

	mu    sync.Mutex
	tally scrapeTally
}

type scrapeTally struct {
	delivered, aborted, refused int64
	last                        time.Time // of the last complete scrape
}

// watchScrapes creates the observer of the pipeline that is scraped.
func (o *observer) watchScrapes() func(sliprom.Scrape) {
	o.scrapes = &scrapeWatch{own: ofPipeline(pullName)}
	return o.scrapes.scrape
}

// scrape records a scrape.
func (w *scrapeWatch) scrape(s sliprom.Scrape) {
	w.mu.Lock()
	w.tally.add(s, time.Now())
	w.mu.Unlock()
	if w.duration != nil && s.Duration > 0 {
		w.duration.Record(context.Background(), s.Duration.Seconds(), w.own)
	}
}

func (w *scrapeWatch) snapshot() scrapeTally {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tally
}

func (t *scrapeTally) add(s sliprom.Scrape, now time.Time) {
	switch {
	case s.Status >= 400:
		t.refused++
	case s.Err != nil:
		t.aborted++
	default:
		t.delivered++
		if s.Scraper {
			t.last = now
		}
	}
}

// brief limits the text of an error: a backend may answer with a page of HTML.
func brief(err error) string {
	const most = 500
	text := err.Error()
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…" // the cut may split a character
	}
	return text
}
