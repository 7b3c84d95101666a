package sliprom

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// sameAsExpfmt checks that what a client gets in the text formats is, byte for byte, what the encoders
// of Prometheus make of the metric families of Gather.
func sameAsExpfmt(t testing.TB, e *Exporter) {
	t.Helper()
	families, err := e.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, accept := range []string{acceptText, acceptOpenMetrics, "application/openmetrics-text;version=0.0.1"} {
		for _, escaping := range []string{"", model.AllowUTF8, model.EscapeUnderscores, model.EscapeDots, model.EscapeValues} {
			if escaping != "" {
				escaping = ";escaping=" + escaping
			}
			header := http.Header{"Accept": {accept + escaping}}
			want, got := expfmtBody(t, e, families, header), do(t, e.Handler(), header)
			if got == want {
				continue
			}
			diff := cmp.Diff(strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n"))
			t.Fatalf("%s%s (-expfmt +ours):\n%s", accept, escaping, diff)
		}
	}
}

func expfmtBody(t testing.TB, e *Exporter, families []*dto.MetricFamily, header http.Header) string {
	t.Helper()
	var options []expfmt.EncoderOption
	if e.config.created {
		options = append(options, expfmt.WithCreatedLines())
	}
	var b bytes.Buffer
	encoder := expfmt.NewEncoder(&b, expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...), options...)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.(expfmt.Closer).Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// traced is the context of a sampled span.
func traced(t testing.TB, n byte) context.Context {
	t.Helper()
	return trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 15: n}, SpanID: trace.SpanID{3, 7: n}, TraceFlags: trace.FlagsSampled,
	}))
}

// neighbours are families around and between the SLIs, some with names that only newer scrapers take.
var neighbours = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
	return []*dto.MetricFamily{
		counterFamily("aaa_total", counterOf(1)),
		counterFamily("sli_pay", counterOf(1e6)),
		counterFamily("sli_pay_total_of_another", counterOf(3, "a.b", "c")),
		counterFamily("sli.with.dots_total", counterOf(2)),
		counterFamily("zzz", counterOf(2)),
	}, nil
})

func TestSameAsExpfmt(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for name, options := range map[string][]Option{
			"plain": nil, "created": {WithCreatedSamples()}, "neighbours": {WithGatherers(neighbours)},
			"hold": {WithHold(time.Minute), WithCreatedSamples()},
		} {
			t.Run(layout.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newShop(t, otelsli.WithLayout(layout))
					e := open(t, s.catalog, options...)
					sameAsExpfmt(t, e)
					grow(t, s, e)
				})
			})
		}
	}
}

// grow lets a catalog live and compares after each step.
func grow(t *testing.T, s shop, e *Exporter) {
	t.Helper()
	for i, step := range []func(){
		func() { s.sell(t) },
		func() { s.place.Record(traced(t, 1), webGold, otelsli.Failed) },
		func() { s.place.Observe(traced(t, 2), appFree, time.Hour, nil) },
		func() { s.pay.Record(traced(t, 3), struct{}{}, otelsli.Failed) },
		func() { s.place.Record(traced(t, 4), webGold, otelsli.Failed) },
		func() {
			late := otelsli.MustNew(otelsli.Spec{Name: "late", Description: "Comes\n\"late\" \\ with a threshold for some."},
				[]orderLabels{webGold, appFree}, otelsli.WithCatalog(s.catalog),
				otelsli.WithThreshold(func(l orderLabels) time.Duration {
					if l == webGold {
						return time.Second
					}
					return 0
				}))
			late.Observe(traced(t, 5), webGold, time.Minute, nil)
		},
		func() { s.place.With(webGold).Record(t.Context(), otelsli.Slow) },
		func() {
			events := 1_234_560 // which takes an exponent
			if raceEnabled {
				events = 1_000 // slow there, and the same lines of code
			}
			for range events {
				s.pay.Record(t.Context(), struct{}{}, otelsli.Success)
			}
		},
	} {
		step()
		time.Sleep(time.Duration(i) * 17 * time.Second / 3)
		sameAsExpfmt(t, e)
	}
}

func FuzzSameAsExpfmt(f *testing.F) {
	f.Add("sli", "An event.", "channel", "web", "app", uint16(10), false, false)
	f.Add("gitlab_sli", "A \"quoted\" \\ line\nand another.", "HTTP_Method", `a"b`, "a\\b\n", uint16(0), true, true)
	f.Add("shop.sli", "", "n1", "\x00\r\t", "𝔘𝔫𝔦 \u2028", uint16(7), true, false)
	f.Add("sli", "\xff", "a", "\xff\xfe", strings.Repeat("ä", 200), uint16(300), false, true)
	f.Fuzz(func(t *testing.T, prefix, description, label, declared, recorded string, events uint16, outcomes, created bool) {
		catalog := otelsli.NewCatalog()
		layout := otelsli.Counters
		if outcomes {
			layout = otelsli.Outcomes
		}
		if err := catalog.Configure(otelsli.WithPrefix(prefix), otelsli.WithLayout(layout), otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
			t.Skip("not a prefix: ", err)
		}
		sli, err := otelsli.New(otelsli.Spec{
			Name: "fuzzed", Description: description, Threshold: time.Second, Objective: otelsli.Objective{Availability: 0.99},
		}, [][1]string{{declared}}, otelsli.WithCatalog(catalog), otelsli.WithLabelNames(label))
		if err != nil {
			t.Skip("not a declaration: ", err)
		}
		for i := range int(events % 500) {
			sli.Record(traced(t, byte(i)), [1]string{recorded}, otelsli.Outcome(i%4))
		}
		var options []Option
		if created {
			options = append(options, WithCreatedSamples())
		}
		e := open(t, catalog, options...)
		sameAsExpfmt(t, e)
		readable(t, e)
	})
}

// readable checks that a strict parser reads the older format.
func readable(t testing.TB, e *Exporter) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(get(t, e.Handler(), acceptText))); err != nil {
		t.Error(err)
	}
}
