package line_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// drops returns the reasons that are not 0.
func drops(m *line.Mapper) map[string]uint64 {
	got := make(map[string]uint64)
	for r, n := range m.Drops() {
		if n != 0 {
			got[line.Reason(r).String()] = n
		}
	}
	return got
}

func TestNotFiniteIsDropped(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	h := histogram("h", []float64{1}, []uint64{1, 1})
	h.Data.(metricdata.Histogram[float64]).DataPoints[0].Sum = math.NaN()
	got := encode(m, data(gauge("nan", math.NaN()), gauge("inf", math.Inf(1)), counter("ninf", math.Inf(-1)), gauge("ok", 1.5), h,
		metricdata.Metrics{Name: "s", Data: metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{
			Time: at, Count: 0, QuantileValues: []metricdata.QuantileValue{{Quantile: 0.5, Value: math.NaN()}},
		}}}}))
	text := strings.Join(got, "")
	if strings.Contains(strings.ToLower(strings.ReplaceAll(text, ".le.inf", "")), "nan") || len(got) != 1+3+2 {
		t.Errorf("lines:\n%s", text)
	}
	if diff := cmp.Diff(map[string]uint64{"not_finite": 5}, drops(m)); diff != "" {
		t.Errorf("drops (-want +got):\n%s", diff)
	}
}

func TestUndefinedSumIsOmitted(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	h := histogram("h", []float64{1}, []uint64{1, 1})
	h.Data.(metricdata.Histogram[float64]).DataPoints[0].Sum = 0 // though all values are above 0.25
	if text := strings.Join(encode(m, data(h)), ""); strings.Contains(text, ".sum") || !strings.Contains(text, "h.count") {
		t.Errorf("lines:\n%s", text)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Time
		want int64
	}{
		{time.Unix(1_600_000_000, 999_999_999), 1_600_000_000},
		{time.Time{}, at.Unix()},
		{time.Unix(0, 0), at.Unix()},
		{time.Unix(math.MaxUint32, 0), math.MaxUint32},
		{time.Unix(math.MaxUint32+1, 0), at.Unix()}, // receivers would take it for milliseconds
	} {
		m := newMapper(t, line.Config{})
		g := gauge("g", 1.5)
		g.Data.(metricdata.Gauge[float64]).DataPoints[0].Time = c.at
		if got := read(t, line.Config{}, m, data(g))[0].Seconds; got != c.want {
			t.Errorf("time %v became %d, want %d", c.at, got, c.want)
		}
	}
}

func TestCollisions(t *testing.T) {
	t.Parallel()
	for _, f := range all {
		m := newMapper(t, line.Config{Format: f})
		rm := data(
			counter[int64]("orders", 5, "k", "a;b c"), counter[int64]("orders", 7, "k", "a_b_c"), // equal once safe
			gauge("temp", 1.5, "k", "x y"), gauge("temp", 2.5, "k", "x_y"),
			gauge("orders", 9.5, "k", "a_b c"), // another kind
			counter[int64]("h.count", 1), histogram("h", []float64{1}, []uint64{1, 1}),
		)
		merged := data()
		merged.ScopeMetrics = rm.ScopeMetrics
		sums := make(map[string]line.Number)
		m.Map(merged, at, func(s *line.Sample) {
			key := s.Series.Name(0).String()
			if s.Part > 0 != sums[key].Present() {
				t.Errorf("%v: part %d of %q", f, s.Part, key)
			}
			sums[key] = sums[key].Add(s.Values[0])
		})
		var got []string
		for _, n := range sums {
			got = append(got, n.String())
		}
		if len(got) != 3 || !strings.Contains(strings.Join(got, " "), "12") || strings.Contains(strings.Join(got, " "), "2.5") {
			t.Errorf("%v: values %v, want 12, 1.5 and 1", f, sums)
		}
		if d := drops(m); d["collision"] != 3 || m.Merged() != 1 {
			t.Errorf("%v: drops %v, merged %d", f, d, m.Merged())
		}
	}
}

func TestScopesMerge(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	rm := data(counter[int64]("requests", 1))
	rm.ScopeMetrics = append(rm.ScopeMetrics, metricdata.ScopeMetrics{
		Scope: instrumentation.Scope{Name: "other"}, Metrics: []metricdata.Metrics{counter[int64]("requests", 2)},
	})
	parts := 0
	for range 2 {
		parts = 0
		m.Map(rm, at, func(s *line.Sample) { parts += s.Part + 1 })
	}
	if parts != 1+2 || m.Merged() != 2 {
		t.Errorf("parts %d, merged %d", parts, m.Merged())
	}
	rm.ScopeMetrics[1].Scope.Version = "2" // a third origin
	m.Map(rm, at, func(s *line.Sample) { parts = max(parts, s.Part+10) })
	if parts != 12 {
		t.Errorf("part of a third origin: %d", parts-10)
	}
}

func TestKeysThatBecomeEqual(t *testing.T) {
	t.Parallel()
	for _, f := range all {
		c := line.Config{Format: f}
		text := strings.Join(encode(newMapper(t, c), data(counter[int64]("m", 1,
			"a b", "1", "a;b", "2", "a_b", "3", "instance", "mine", "service.name", "mine", "__name__", "evil"))), "")
		if f != line.Graphite {
			p, err := parse(f, text)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			want := map[string]string{
				"a_b": "1", "a_b_2": "2", "a_b_3": "3", "instance": "pod-7", "exported_instance": "mine",
				"service.name": "shop", "exported_service.name": "mine", "exported___name__": "evil",
			}
			if diff := cmp.Diff(want, p.Tags); diff != "" {
				t.Errorf("%v: tags (-want +got):\n%s", f, diff)
			}
		}
	}
}

func TestEmptyValues(t *testing.T) {
	t.Parallel()
	rm := data(counter[int64]("m", 1, "k", "", "", "v"))
	for _, c := range []struct {
		config line.Config
		want   string
	}{
		{line.Config{Format: line.OpenTSDB}, "put m 1700000000 1 _=v instance=pod-7 k=unspecified service.name=shop\n"},
		{line.Config{Format: line.OpenTSDB, EmptyValue: "none"}, "put m 1700000000 1 _=v instance=pod-7 k=none service.name=shop\n"},
		{line.Config{Format: line.OpenTSDB, OmitEmpty: true}, "put m 1700000000 1 _=v instance=pod-7 service.name=shop\n"},
		{line.Config{OmitEmpty: true}, "m._.v.instance.pod-7.service_name.shop 1 1700000000\n"},
	} {
		if got := encode(newMapper(t, c.config), rm)[0]; got != c.want {
			t.Errorf("line %q, want %q", got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	nine := []string{}
	for i := range 7 {
		nine = append(nine, fmt.Sprint("k", i), "v")
	}
	long := strings.Repeat("x", 900)
	for _, c := range []struct {
		name   string
		config line.Config
		data   metricdata.Metrics
		want   map[string]uint64
	}{
		{"8 tags", line.Config{Format: line.OpenTSDB}, counter[int64]("m", 1, nine[:12]...), map[string]uint64{}},
		{"9 tags", line.Config{Format: line.OpenTSDB}, counter[int64]("m", 1, nine...), map[string]uint64{"too_many_tags": 1}},
		{"9 tags allowed", line.Config{Format: line.OpenTSDB, MaxTags: 9}, counter[int64]("m", 1, nine...), map[string]uint64{}},
		{"no limit of tags", line.Config{Format: line.OpenTSDB, MaxTags: -1}, counter[int64]("m", 1, nine...), map[string]uint64{}},
		{"le is a tag too", line.Config{Format: line.OpenTSDB}, histogram("m", []float64{1}, []uint64{1, 0}, nine[:12]...), map[string]uint64{"too_many_tags": 1}},
		{"tags of Graphite", line.Config{Format: line.GraphiteTagged}, counter[int64]("m", 1, nine...), map[string]uint64{}},
		{"long put", line.Config{Format: line.OpenTSDB}, counter[int64]("m", 1, "a", long, "b", long), map[string]uint64{"too_long": 1}},
		{"long tagged", line.Config{Format: line.GraphiteTagged}, counter[int64]("m", 1, "a", strings.Repeat(long, 10)), map[string]uint64{"too_long": 1}},
		{"tagged", line.Config{Format: line.GraphiteTagged}, counter[int64]("m", 1, "a", strings.Repeat(long, 8)), map[string]uint64{}},
		{"long node", line.Config{}, counter[int64]("m", 1, "a", long), map[string]uint64{"too_long": 1}},
		{"set limit", line.Config{Format: line.GraphiteTagged, MaxLine: 256}, counter[int64]("m", 1, "a", long), map[string]uint64{"too_long": 1}},
		{"no name", line.Config{}, counter[int64]("..", 1), map[string]uint64{"unnamed": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMapper(t, c.config)
			got := encode(m, data(c.data))
			if diff := cmp.Diff(c.want, drops(m)); diff != "" {
				t.Errorf("drops (-want +got):\n%s", diff)
			}
			if (len(got) == 0) != (len(c.want) > 0) {
				t.Errorf("lines %q", got)
			}
			m.Map(data(c.data), at, func(*line.Sample) {})
			for reason := range c.want {
				if drops(m)[reason] != 2 {
					t.Errorf("drops after another collection: %v", drops(m))
				}
			}
		})
	}
}

// TestLongestLine looks for the longest name that is taken: its lines must fit, whatever their time
// and value, and little may be given away.
func TestLongestLine(t *testing.T) {
	t.Parallel()
	for f, limit := range map[line.Format]int{line.GraphiteTagged: 8192, line.OpenTSDB: 1024} {
		longest := 0
		for n := limit - 200; n < limit+10; n++ {
			m := newMapper(t, line.Config{Format: f})
			g := gauge("m", -math.SmallestNonzeroFloat64*(1<<52)*(1+0x1p-51), "k", strings.Repeat("x", n))
			g.Data.(metricdata.Gauge[float64]).DataPoints[0].Time = time.Unix(math.MaxUint32, 0)
			for _, text := range encode(m, data(g)) {
				longest = max(longest, len(text))
			}
		}
		if longest > limit || longest < limit-4 {
			t.Errorf("%v: the longest line has %d bytes, the limit is %d", f, longest, limit)
		}
	}
}

func TestSeriesCap(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{MaxSeries: 10})
	many := func(prefix string, n int) *metricdata.ResourceMetrics {
		var list []metricdata.Metrics
		for i := range n {
			list = append(list, gauge(prefix, 1.5, "i", fmt.Sprint(i)))
		}
		return data(list...)
	}
	if got := encode(m, many("a", 13)); len(got) != 10 || !m.Full() || drops(m)["series_cap"] != 3 {
		t.Fatalf("%d lines, drops %v", len(got), drops(m))
	}
	var owners []*line.Origin
	m.Map(many("a", 13), at, func(s *line.Sample) { owners = append(owners, s.Series.Origin()) })
	if got := encode(m, many("b", 1)); len(got) != 0 || !m.Full() {
		t.Fatalf("a new series at the limit: %q", got)
	}
	for _, o := range owners {
		m.Forget(o)
	}
	if got := encode(m, many("b", 10)); len(got) != 10 || m.Full() {
		t.Errorf("%d lines once the others are forgotten", len(got))
	}
	m = newMapper(t, line.Config{MaxSeries: 3})
	encode(m, data(gauge("..", 1.5, "k", "1"), gauge("..", 1.5, "k", "2"), gauge("..", 1.5, "k", "3")))
	encode(m, data(gauge("g", 1.5)))
	m.ForgetRefused()
	if got := encode(m, data(gauge("g", 1.5))); len(got) != 1 {
		t.Errorf("what was refused is not forgotten: %q", got)
	}
}

func TestResourceChange(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{Format: line.GraphiteTagged, FallbackInstance: "fallback"})
	rm := data(counter[int64]("m", 1), counter[int64]("n", 1))
	rm.Resource = nil
	var before, after []*line.Origin
	m.Map(rm, at, func(s *line.Sample) { before = append(before, s.Series.Origin()) })
	if got := encode(m, rm); got[0] != "m;instance=fallback 1 1700000000\n" {
		t.Errorf("without a resource: %q", got)
	}
	rm.Resource = resource.NewSchemaless(attribute.String("service.name", "late"), attribute.String("service.instance.id", "i"))
	m.Map(rm, at, func(s *line.Sample) { after = append(after, s.Series.Origin()) })
	if got := encode(m, rm); got[0] != "m;instance=i;service.name=late 1 1700000000\n" {
		t.Errorf("with one: %q", got)
	}
	if diff := cmp.Diff(before, after, cmp.Comparer(func(a, b *line.Origin) bool { return a == b })); diff != "" {
		t.Errorf("origins differ, though only the resource does:\n%s", diff)
	}
	rm.Resource = resource.NewSchemaless(attribute.String("service.name", strings.Repeat("x", 9000)))
	if got := encode(m, rm); len(got) != 0 || drops(m)["too_long"] != 2 {
		t.Errorf("with one that is too long: %d lines, %v", len(got), drops(m))
	}
}

func TestBoundsChange(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	var list []*line.Series
	for _, bounds := range [][]float64{{1, 2}, {1, 2}, {1, 3}, {1, 2}} {
		m.Map(data(histogram("h", bounds, []uint64{1, 2, 3})), at, func(s *line.Sample) { list = append(list, s.Series) })
	}
	if list[0] != list[1] || list[1] == list[2] || list[2] == list[3] {
		t.Error("a series is that of some bounds")
	}
	for _, s := range list {
		if s.Origin() != list[0].Origin() || s.Grown() {
			t.Error("all have one origin, and none goes on from another")
		}
	}
	for _, bad := range [][]float64{{2, 1}, {1, 1}, {math.NaN()}, {math.Inf(1)}} {
		encode(m, data(histogram("bad", bad, make([]uint64, len(bad)+1))))
	}
	encode(m, data(histogram("bad", []float64{1, 2}, []uint64{1})))
	if drops(m)["unknown"] != 5 {
		t.Errorf("drops %v, want 5 unknown", drops(m))
	}
}

func TestPutHasATag(t *testing.T) {
	t.Parallel()
	rm := data(counter[int64]("m", 1))
	rm.Resource = nil
	for _, c := range []line.Config{{}, {Template: "{instance}.{name}{suffix}", FallbackInstance: "i"}} {
		c.Format = line.OpenTSDB
		if got := read(t, c, newMapper(t, c), rm); len(got[0].Tags) != 1 || got[0].Tags["instance"] == "" {
			t.Errorf("tags %v", got[0].Tags)
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	rm := data(histogram("http.duration", nil, []uint64{1}, "route", "a.b"))
	for _, c := range []struct {
		config line.Config
		want   string
	}{
		{line.Config{Template: "{service.name}.{instance}.{attributes}.{name}{suffix}"}, "shop.pod-7.route.a_b.service_name.shop.http.duration.count 1"},
		{line.Config{Template: "{prefix}.{host.name}.{scope}.{name}{suffix}", Prefix: "x.y", ResourceAttributes: []string{}}, "x.y.h_example.test_scope.http.duration.count.instance.pod-7.route.a_b 1"},
		{line.Config{Format: line.GraphiteTagged, Template: "app-{no.such}.{name}{suffix}", Instance: "i", ResourceAttributes: []string{}}, "app-.http.duration.count;instance=i;route=a.b 1"},
		{line.Config{Format: line.OpenTSDB, Template: "{name}{suffix}/{service.name}", ResourceAttributes: []string{"host.name"}}, "put http.duration.count/shop 1700000000 1 host.name=h.example instance=pod-7 route=a.b"},
	} {
		got := encode(newMapper(t, c.config), rm)[0]
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("template %q: line %q, want %q", c.config.Template, got, c.want)
		}
	}
}
