package e2e

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// checkout is the label of the SLI of these tests.
type checkout struct{ Channel string }

var channels = []checkout{{"web"}, {"app"}}

// A store is a service whose metrics leave by the Graphite bridge.
type store struct {
	catalog   *otelsli.Catalog
	sli       *otelsli.SLI[checkout]
	telemetry *setup.Telemetry
}

func newStore(t testing.TB) *store {
	t.Helper()
	return newStoreOf(t, channels)
}

// newWideStore makes a store with so many channels.
func newWideStore(t testing.TB, n int) (s *store, many []checkout) {
	t.Helper()
	for i := range n {
		many = append(many, checkout{fmt.Sprint("channel-", i)})
	}
	return newStoreOf(t, many), many
}

func newStoreOf(t testing.TB, declared []checkout) *store {
	t.Helper()
	s := &store{catalog: otelsli.NewCatalog()}
	var err error
	s.sli, err = otelsli.New(otelsli.Spec{Name: "checkout"}, declared, otelsli.WithCatalog(s.catalog))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start begins to export. Exports happen when they are asked for.
func (s *store) start(t testing.TB, config graphitebridge.Config, more ...setup.Option) {
	t.Helper()
	config.Delivery.MinBackoff, config.Delivery.MaxBackoff = 10*time.Millisecond, 200*time.Millisecond
	var err error
	s.telemetry, err = setup.Start(t.Context(), append(more, setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithCatalog(s.catalog), setup.WithService("store", ""), setup.WithInterval(time.Hour),
		setup.WithLogger(slog.New(slog.DiscardHandler)), setup.WithGraphite(config),
		setup.WithViews(sdkmetric.NewView(sdkmetric.Instrument{Name: "size"},
			sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}})))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.telemetry.Shutdown(t.Context()) })
}

func (s *store) flush(t testing.TB) {
	t.Helper()
	if err := s.telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *store) shutdown(t testing.TB) {
	t.Helper()
	if err := s.telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// record counts so many events of each outcome.
func (s *store) record(t testing.TB, counts otelsli.Counts) {
	t.Helper()
	for outcome, n := range counts {
		for range n {
			s.sli.Record(t.Context(), channels[0], otelsli.Outcome(outcome))
		}
	}
}

// hostile values of an attribute, and what each kind of receiver gets.
var hostile = []struct{ value, path, tag, put string }{
	{"a b\nforged 1 1\n", "a_b_forged_1_1_", "a_b_forged_1_1_", "a_b_forged_1_1_"},
	{"x\nput forged 1 1 a=b", "x_put_forged_1_1_a_b", "x_put_forged_1_1_a=b", "x_put_forged_1_1_a_b"},
	{"a;k=v", "a_k_v", "a_k=v", "a_k_v"},
	{"../../up", "______up", "../../up", "../../up"},
	{"~{*}[?]", "_______", "_{*}[?]", "_______"},
	{"é\xff\u2028", "___", "é__", "___"},
	{"a.b:c", "a_b:c", "a.b:c", "a.b_c"},
	{"", "unspecified", "unspecified", "unspecified"},
}

// second is how long it takes until what was counted can be sent after another export, and not wait for a later one.
const second = 1050 * time.Millisecond

// recordAll records by the SLI and by every kind of instrument, right after the first export, which is of zeros.
func (s *store) recordAll(t testing.TB) {
	t.Helper()
	s.record(t, otelsli.Counts{otelsli.Success: 100, otelsli.Failed: 45, otelsli.Ignored: 5})
	ctx, meter := t.Context(), s.telemetry.MeterProvider().Meter("store")
	jobs, err1 := meter.Int64Counter("jobs")
	waiting, err2 := meter.Int64UpDownCounter("waiting")
	warmth, err3 := meter.Float64Gauge("warmth")
	latency, err4 := meter.Float64Histogram("latency", metric.WithExplicitBucketBoundaries(0.5, 5))
	size, err5 := meter.Float64Histogram("size")
	texts, err6 := meter.Int64Counter("texts")
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		if err != nil {
			t.Fatal(err)
		}
	}
	jobs.Add(ctx, 7, metric.WithAttributes(attribute.String("queue", "mail"), attribute.Int("priority", 1)))
	waiting.Add(ctx, -3)
	warmth.Record(ctx, 21.5)
	for _, v := range []float64{0.25, 3, 10} {
		latency.Record(ctx, v)
	}
	for _, v := range []float64{1.5, 3, 3} {
		size.Record(ctx, v)
	}
	for i, h := range hostile {
		texts.Add(ctx, int64(i+1), metric.WithAttributes(attribute.String("text", h.value)))
	}
}

// recorded is what a receiver should hold after recordAll.
func recorded(format line.Format) []Point {
	type tags = map[string]string
	points := []Point{
		{Name: "sli.checkout.total", Attributes: tags{"channel": "web"}, Value: 145},
		{Name: "sli.checkout.error.total", Attributes: tags{"channel": "web"}, Value: 45},
		{Name: "sli.checkout.ignored.total", Attributes: tags{"channel": "web"}, Value: 5},
		{Name: "sli.checkout.total", Attributes: tags{"channel": "app"}},
		{Name: "sli.checkout.error.total", Attributes: tags{"channel": "app"}},
		{Name: "sli.checkout.ignored.total", Attributes: tags{"channel": "app"}},
		{Name: "jobs", Attributes: tags{"queue": "mail", "priority": "1"}, Value: 7},
		{Name: "waiting", Value: -3},
		{Name: "warmth", Value: 21.5},
		{Name: "latency.count", Value: 3},
		{Name: "latency.sum", Value: 13.25},
		{Name: "latency.bucket", Attributes: tags{"le": "0.5"}, Value: 1},
		{Name: "latency.bucket", Attributes: tags{"le": "5"}, Value: 2},
		{Name: "latency.bucket", Attributes: tags{"le": "+Inf"}, Value: 3},
		{Name: "size.count", Value: 3},
		{Name: "size.sum", Value: 7.5},
		{Name: "size.bucket", Attributes: tags{"le": "0"}, Value: 0},
		{Name: "size.bucket", Attributes: tags{"le": "2"}, Value: 1},
		{Name: "size.bucket", Attributes: tags{"le": "4"}, Value: 3},
		{Name: "size.bucket", Attributes: tags{"le": "+Inf"}, Value: 3},
	}
	for i, h := range hostile {
		text := map[line.Format]string{line.Graphite: h.path, line.GraphiteTagged: h.tag, line.OpenTSDB: h.put}[format]
		points = append(points, Point{Name: "texts", Attributes: tags{"text": text}, Value: float64(i + 1)})
	}
	for i, p := range points {
		all := tags{"instance": "one", "service.name": "store"}
		maps.Copy(all, p.Attributes)
		if all["le"] == "+Inf" && format != line.GraphiteTagged {
			all["le"] = "inf"
		}
		points[i].Name, points[i].Attributes = prefixOf(format)+"."+p.Name, all
	}
	return points
}

func prefixOf(format line.Format) string { return "by-" + format.String() }

// plainName returns the point's name in plain Graphite.
func plainName(p Point) string {
	nodes := []string{p.Name}
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		nodes = append(nodes, strings.ReplaceAll(key, ".", "_"), strings.ReplaceAll(p.Attributes[key], ".", "_"))
	}
	return strings.Join(nodes, ".")
}

// taggedName returns it in tagged Graphite.
func taggedName(p Point) string {
	name := p.Name
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		name += ";" + key + "=" + p.Attributes[key]
	}
	return name
}

// A lineReceiver is a server that holds what it read.
type lineReceiver struct {
	address string // with its scheme
	format  line.Format
	name    func(Point) string // under which it holds a point
	values  func() (map[string]float64, error)
}

func (r lineReceiver) config() graphitebridge.Config {
	return graphitebridge.Config{
		Servers: []string{r.address},
		Line:    line.Config{Format: r.format, Prefix: prefixOf(r.format), Instance: "one"},
	}
}

// holds waits until the receiver holds all that recordAll recorded, and nothing that nobody has sent.
func (r lineReceiver) holds(t *testing.T) {
	t.Helper()
	want := make(map[string]float64)
	for _, p := range recorded(r.format) {
		want[r.name(p)] = p.Value
	}
	prefix := prefixOf(r.format) + "."
	ours := func(name string) bool { // what this project's packages say of themselves
		return strings.HasPrefix(name, prefix+"otelsli.") || strings.HasPrefix(name, prefix+"sli.undeclared.total")
	}
	Eventually(t, answerLimit, func() error {
		got, err := r.values()
		if err != nil {
			return err
		}
		for name := range got {
			_, known := want[name]
			switch {
			case !strings.HasPrefix(name, "by-"):
				return fmt.Errorf("forged: %q", name)
			case strings.HasPrefix(name, prefix) && !known && !ours(name):
				return fmt.Errorf("nobody has sent %q", name)
			}
		}
		return compareTotals(got, want)
	})
}
