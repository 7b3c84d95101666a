package sliotlp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// numbers are points 0 to n-1.
func numbers[N int64 | float64](n int) []metricdata.DataPoint[N] {
	points := make([]metricdata.DataPoint[N], n)
	for i := range points {
		points[i] = metricdata.DataPoint[N]{
			Attributes: attribute.NewSet(attribute.Int("i", i), attribute.String("path", "/orders/confirm")),
			Time:       time.Unix(1700000000, 0), StartTime: time.Unix(1600000000, 0), Value: N(i),
		}
	}
	return points
}

// manyMetrics are of all types, with n points each.
func manyMetrics(n int) *metricdata.ResourceMetrics {
	const total = metricdata.CumulativeTemporality
	set := attribute.NewSet(attribute.String("path", "/orders/confirm"), attribute.Bool("paid", true))
	at := time.Unix(1700000000, 0)
	histograms := make([]metricdata.HistogramDataPoint[float64], n)
	whole := make([]metricdata.HistogramDataPoint[int64], n)
	exponential := make([]metricdata.ExponentialHistogramDataPoint[float64], n)
	wholeExponential := make([]metricdata.ExponentialHistogramDataPoint[int64], n)
	summaries := make([]metricdata.SummaryDataPoint, n)
	bounds, counts := []float64{1, 2, 5}, []uint64{1, 300, 1 << 40, 7}
	for i := range n {
		histograms[i] = metricdata.HistogramDataPoint[float64]{Attributes: set, Time: at, StartTime: at, Count: uint64(i), Bounds: bounds, BucketCounts: counts}
		whole[i] = metricdata.HistogramDataPoint[int64]{Attributes: set, Time: at, StartTime: at, Count: uint64(i), Bounds: bounds, BucketCounts: counts}
		exponential[i] = metricdata.ExponentialHistogramDataPoint[float64]{Attributes: set, Time: at, StartTime: at, Count: uint64(i), PositiveBucket: metricdata.ExponentialBucket{Counts: []uint64{1, 2, 300}}}
		wholeExponential[i] = metricdata.ExponentialHistogramDataPoint[int64]{Attributes: set, Time: at, StartTime: at, Count: uint64(i), NegativeBucket: metricdata.ExponentialBucket{Counts: []uint64{1, 2, 300}}}
		summaries[i] = metricdata.SummaryDataPoint{Attributes: set, Time: at, StartTime: at, Count: uint64(i), QuantileValues: []metricdata.QuantileValue{{Quantile: 0.5, Value: 1}, {Quantile: 0.99, Value: 2}}}
	}
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.name", "shop")),
		ScopeMetrics: []metricdata.ScopeMetrics{
			{Scope: instrumentation.Scope{Name: "empty"}},
			{Scope: instrumentation.Scope{Name: "numbers", Version: "1"}, Metrics: []metricdata.Metrics{
				{Name: "sum.int", Unit: "1", Data: metricdata.Sum[int64]{Temporality: total, IsMonotonic: true, DataPoints: numbers[int64](n)}},
				{Name: "sum.float", Data: metricdata.Sum[float64]{Temporality: total, DataPoints: numbers[float64](n)}},
				{Name: "none", Data: metricdata.Sum[int64]{Temporality: total}},
				{Name: "gauge.int", Data: metricdata.Gauge[int64]{DataPoints: numbers[int64](n)}},
				{Name: "gauge.float", Data: metricdata.Gauge[float64]{DataPoints: numbers[float64](n)}},
			}},
			{Scope: instrumentation.Scope{Name: "others"}, Metrics: []metricdata.Metrics{
				{Name: "histogram.float", Data: metricdata.Histogram[float64]{Temporality: total, DataPoints: histograms}},
				{Name: "histogram.int", Data: metricdata.Histogram[int64]{Temporality: total, DataPoints: whole}},
				{Name: "exponential.float", Data: metricdata.ExponentialHistogram[float64]{Temporality: total, DataPoints: exponential}},
				{Name: "exponential.int", Data: metricdata.ExponentialHistogram[int64]{Temporality: total, DataPoints: wholeExponential}},
				{Name: "summary", Data: metricdata.Summary{DataPoints: summaries}},
			}},
		},
	}
}

// contents lists the points of requests, "metric number" in their order, which Count or the value is.
func contents(requests []request) (all []string) {
	for _, r := range requests {
		for _, rm := range r.body.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					for _, n := range pointsOf(m) {
						all = append(all, fmt.Sprint(sm.Scope.GetName(), "/", m.Name, m.Unit, " ", n))
					}
				}
			}
		}
	}
	return all
}

func pointsOf(m *metrics.Metric) (numbers []uint64) {
	for _, p := range append(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints()...) {
		numbers = append(numbers, uint64(p.GetAsInt())+uint64(p.GetAsDouble()))
	}
	for _, p := range m.GetHistogram().GetDataPoints() {
		numbers = append(numbers, p.Count)
	}
	for _, p := range m.GetExponentialHistogram().GetDataPoints() {
		numbers = append(numbers, p.Count)
	}
	for _, p := range m.GetSummary().GetDataPoints() {
		numbers = append(numbers, p.Count)
	}
	return numbers
}

// TestSplit sends the same points in one request and in many, none of which is too large.
func TestSplit(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		rm := manyMetrics(500)
		one, many := listen(t, p, nil), listen(t, p, nil)
		const small = 48 << 10
		for r, size := range map[*receiver]int{one: 16 << 20, many: small} {
			e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(size), WithCompression(Gzip))
			if err := e.Export(t.Context(), rm); err != nil {
				t.Fatal(err)
			}
		}
		if len(one.got()) != 1 {
			t.Errorf("%d requests for what one may hold", len(one.got()))
		}
		if diff := cmp.Diff(contents(one.got()), contents(many.got())); diff != "" {
			t.Errorf("(-one request +many):\n%s", diff)
		}
		total := 0
		for i, r := range many.got() {
			size := proto.Size(r.body)
			total += size
			if size > small || size < small/3 && i < len(many.got())-1 {
				t.Errorf("request %d has %d bytes of %d", i, size, small)
			}
			if name := r.body.ResourceMetrics[0].Resource.Attributes[0].Value.GetStringValue(); name != "shop" {
				t.Errorf("request %d is of %q", i, name)
			}
			if sum := r.body.ResourceMetrics[0].ScopeMetrics[0].Metrics[0].GetSum(); i == 0 && (!sum.IsMonotonic || sum.AggregationTemporality != metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE) {
				t.Errorf("a part of a sum is %v", sum)
			}
		}
		t.Logf("%d bytes in %d requests of up to %d", total, len(many.got()), small)
	})
}

// TestSizesAreEstimatedWell, a little too large rather than too small.
func TestSizesAreEstimatedWell(t *testing.T) {
	t.Parallel()
	r := listen(t, GRPC, nil)
	e := newTestExporter(t, WithProtocol(GRPC), WithEndpoint(r.url))
	for _, scope := range manyMetrics(200).ScopeMetrics {
		for _, m := range scope.Metrics {
			rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{m}}}}
			if err := e.Export(t.Context(), rm); err != nil {
				t.Fatal(err)
			}
			got := r.got()
			s := seriesOf(m.Data)
			actual, estimate := proto.Size(got[len(got)-1].body), s.n*s.mean()
			if s.n > 0 && (estimate < actual-actual/16 || estimate > 2*actual) {
				t.Errorf("%s: %d bytes, estimated as %d", m.Name, actual, estimate)
			}
		}
	}
}

// TestWhatIsEstimatedTooSmallIsHalved: one point in a hundred is enormous.
func TestWhatIsEstimatedTooSmallIsHalved(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		points := numbers[int64](30)
		points[17].Attributes = attribute.NewSet(attribute.String("blob", strings.Repeat("x", 14<<10)))
		points[18].Attributes = points[17].Attributes
		rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
			{Name: "a", Data: metricdata.Gauge[int64]{DataPoints: points}},
		}}}}
		r := listen(t, p, nil)
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(MinMaxRequestSize))
		if err := e.Export(t.Context(), rm); err != nil {
			t.Fatal(err)
		}
		if n := len(contents(r.got())); n != 30 || len(r.got()) < 2 {
			t.Errorf("%d points in %d requests", n, len(r.got()))
		}
		rm.ScopeMetrics[0].Metrics[0].Data = metricdata.Gauge[int64]{DataPoints: numbers[int64](30)}
		before := len(r.got())
		if err := e.Export(t.Context(), rm); err != nil || len(r.got()) != before+1 {
			t.Errorf("%d requests for what fits into one, %v", len(r.got())-before, err)
		}
	})
}

// TestALimitOfTheReceiver that is lower than ours is found, and remembered.
func TestALimitOfTheReceiver(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		const limit = 20 << 10
		large := func(n int) bool { return proto.Size(r.got()[n].body) > limit }
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			if large(n) {
				return nil, status.Error(codes.ResourceExhausted, "grpc: received message larger than max (99 vs. 9)")
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		}
		r.status = func(w http.ResponseWriter, n int) bool {
			if large(n) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			return large(n)
		}
		rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
			{Name: "a", Data: metricdata.Gauge[int64]{DataPoints: numbers[int64](1000)}},
		}}}}
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url))
		for export := range 2 {
			before := len(r.got())
			if err := e.Export(t.Context(), rm); err != nil {
				t.Fatal(err)
			}
			taken, refused := r.got()[before:before], 0
			for n := before; n < len(r.got()); n++ {
				if large(n) {
					refused++
					continue
				}
				taken = append(taken, r.got()[n])
			}
			if n := len(contents(taken)); n != 1000 || (export > 0) != (refused == 0) {
				t.Errorf("export %d: %d points taken, %d requests refused", export, n, refused)
			}
		}
	})
}

// TestAReceiverThatTakesNothing is not asked for ever.
func TestAReceiverThatTakesNothing(t *testing.T) {
	t.Parallel()
	r := listen(t, HTTPProtobuf, nil)
	r.status = func(w http.ResponseWriter, _ int) bool { w.WriteHeader(http.StatusRequestEntityTooLarge); return true }
	e := newTestExporter(t, WithEndpoint(r.url))
	for range 3 {
		err := e.Export(t.Context(), manyMetrics(200))
		wantText(t, err, "413 Request Entity Too Large")
	}
	if n := len(r.got()); n > 20 {
		t.Errorf("%d requests", n)
	}
}

// TestAFailedPartRepeatsAll deltas, and those of the parts that had arrived a second time.
func TestAFailedPartRepeatsAll(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		refused := func(n int) bool { return n == 1 }
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			switch {
			case refused(n):
				return nil, status.Error(codes.Internal, "bug")
			case n == 0:
				return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 1, ErrorMessage: "odd"}}, nil
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		}
		r.status = func(w http.ResponseWriter, n int) bool {
			if refused(n) {
				http.Error(w, "bug", http.StatusInternalServerError)
			}
			return refused(n)
		}
		pipeline, record := splitPipeline(t, WithProtocol(p), WithEndpoint(r.url), WithTemporality(Delta), WithMaxRequestSize(MinMaxRequestSize))
		record()
		err := pipeline.Flush(t.Context())
		if err == nil || !strings.Contains(err.Error(), "sliotlp: request 2 of ") || !strings.Contains(err.Error(), "bug") || strings.Contains(err.Error(), "partial success") {
			t.Fatalf("error %v", err)
		}
		if n := len(r.got()); n != 2 {
			t.Errorf("%d requests, want none after the one that failed", n)
		}
		first := sum(r.got()[:1], "sli.order.total")
		record()
		if err := pipeline.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := sum(r.got()[2:], "sli.order.total"); n != 400 || first == 0 {
			t.Errorf("the next export has %d events, want the 400 of both intervals; %d were there before", n, first)
		}
	})
}

// splitPipeline has an SLI of 200 series; record records one event in each.
func splitPipeline(t *testing.T, options ...Option) (pipeline *slisdk.Pipeline, record func()) {
	t.Helper()
	type labels struct{ Path string }
	var all []labels
	for i := range 200 {
		all = append(all, labels{fmt.Sprintf("/orders/%d", i)})
	}
	catalog := otelsli.NewCatalog()
	sli := otelsli.MustNew(otelsli.Spec{Name: "order"}, all, otelsli.WithCatalog(catalog))
	pipeline, err := slisdk.NewPipeline("otlp", catalog, newTestExporter(t, options...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pipeline.Shutdown(context.Background()) })
	return pipeline, func() {
		for _, l := range all {
			sli.Record(t.Context(), l, otelsli.Success)
		}
	}
}

// TestPartialSuccessOfParts adds up.
func TestPartialSuccessOfParts(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 2, ErrorMessage: fmt.Sprint("odd ", n)}}, nil
		}
		var rounds []slisdk.Round
		catalog := otelsli.NewCatalog()
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(MinMaxRequestSize))
		pipeline, err := slisdk.NewPipeline("otlp", catalog, &fixed{e.(*exporter), manyMetrics(40)}, slisdk.WithObserver(func(r slisdk.Round) { rounds = append(rounds, r) }))
		if err != nil {
			t.Fatal(err)
		}
		_ = pipeline.Flush(t.Context())
		n := len(r.got())
		if n < 2 || rounds[0].Result != slisdk.Partial || rounds[0].Rejected != int64(2*n) {
			t.Errorf("%d requests, round %+v", n, rounds[0])
		}
		wantText(t, rounds[0].Err, "odd 0", fmt.Sprint("odd ", n-1))
	})
}

// fixed exports what it has.
type fixed struct {
	*exporter
	rm *metricdata.ResourceMetrics
}

func (f *fixed) Export(ctx context.Context, _ *metricdata.ResourceMetrics) error {
	return f.exporter.Export(ctx, f.rm)
}

// TestAnEnormousPoint is left out, and costs the others nothing.
func TestAnEnormousPoint(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(MinMaxRequestSize))
		export := func(n int, enormous ...int) error {
			points := numbers[int64](n)
			for _, i := range enormous {
				points[i].Attributes = attribute.NewSet(attribute.String("host", strings.Repeat("x", MinMaxRequestSize)))
			}
			return e.Export(t.Context(), &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
				{Name: "small", Data: metricdata.Gauge[int64]{DataPoints: numbers[int64](1)}},
				{Name: "large", Data: metricdata.Gauge[int64]{DataPoints: points}},
			}}}})
		}
		err := export(50, 20, 21)
		if n := len(contents(r.got())); n != 49 {
			t.Errorf("%d points have arrived, want 49", n)
		}
		wantText(t, err, `OTLP partial success: a data point of "large" is larger than a request, want at most 16384 bytes (1 metric data points rejected)`)

		all := make([]int, 2*mostDropped)
		for i := range all {
			all[i] = i
		}
		if err := export(len(all), all...); err == nil || strings.Contains(err.Error(), "partial success") {
			t.Errorf("with %d of them: %v", len(all), err)
		}
	})
}

// TestAllPointsAreEnormous, as those with too large a resource are: nothing can be delivered, which is
// no partial success.
func TestAllPointsAreEnormous(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		rm := manyMetrics(1)
		rm.Resource = resource.NewSchemaless(attribute.String("process.command_line", strings.Repeat("x", MinMaxRequestSize)))
		err := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(MinMaxRequestSize)).Export(t.Context(), rm)
		if n := len(r.got()); n != 0 || err == nil || strings.Contains(err.Error(), "partial success") {
			t.Errorf("%d requests, error %v", n, err)
		}
		wantText(t, err, "too large: exceeded 16384 bytes")
	})
}

// TestUnreadableAnswer of a receiver that has taken the request: it is not sent again.
func TestUnreadableAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not protobuf": "OK\n",
		"cut off":      "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := listen(t, HTTPProtobuf, nil)
			r.status = func(w http.ResponseWriter, _ int) bool {
				w.Header().Set("Content-Type", "application/x-protobuf")
				w.Header().Set("Content-Length", "3")
				_, _ = io.WriteString(w, body)
				return true
			}
			pipeline, record := splitPipeline(t, WithEndpoint(r.url), WithTemporality(Delta))
			for range 3 {
				record()
				if err := pipeline.Flush(t.Context()); err != nil { // everything has arrived
					t.Error(err)
				}
			}
			if n := sum(r.got(), "sli.order.total"); n != 600 {
				t.Errorf("%d events have arrived, want 600", n)
			}
			wantText(t, export(t, newTestExporter(t, WithEndpoint(r.url))), "OTLP partial success: the receiver has taken the request, but its answer cannot be read: ")
		})
	}
}

// TestSplitCopiesNoPoints but shares them, and leaves what it was given as it was.
func TestSplitCopiesNoPoints(t *testing.T) {
	t.Parallel()
	points := numbers[int64](10_000)
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "a", Data: metricdata.Gauge[int64]{DataPoints: points}},
	}}}}
	got := part(rm, span{100, 9_000}, 10_000).ScopeMetrics[0].Metrics[0].Data.(metricdata.Gauge[int64]).DataPoints
	if len(got) != 8_900 || &got[0] != &points[100] || cap(got) != len(got) {
		t.Errorf("%d points, of %d", len(got), cap(got))
	}
	if n := len(rm.ScopeMetrics[0].Metrics[0].Data.(metricdata.Gauge[int64]).DataPoints); n != 10_000 {
		t.Errorf("%d points are left", n)
	}
	if whole := part(rm, span{0, 10_000}, 10_000); whole != rm {
		t.Error("an export that is one request is not what it was")
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	type metric struct{ points, header, each int }
	for name, test := range map[string]struct {
		limit, most int
		metrics     []metric
		want        []span
	}{
		"nothing":                  {100, 100, nil, []span{{0, 0}}},
		"a metric of nothing":      {100, 100, []metric{{0, 10, 0}}, []span{{0, 0}}},
		"all in one":               {100, 100, []metric{{3, 10, 10}, {2, 10, 10}}, []span{{0, 5}}},
		"one more":                 {100, 100, []metric{{3, 10, 10}, {6, 10, 10}}, []span{{0, 8}, {8, 9}}},
		"a metric in three":        {100, 100, []metric{{20, 10, 10}}, []span{{0, 9}, {9, 18}, {18, 20}}},
		"no room for the header":   {100, 100, []metric{{8, 10, 10}, {1, 10, 10}}, []span{{0, 8}, {8, 9}}},
		"by number":                {100, 4, []metric{{9, 1, 1}}, []span{{0, 4}, {4, 8}, {8, 9}}},
		"points that do not fit":   {100, 100, []metric{{2, 10, 1000}, {1, 10, 10}}, []span{{0, 1}, {1, 2}, {2, 3}}},
		"a header that cannot fit": {100, 100, []metric{{2, 1000, 10}}, []span{{0, 1}, {1, 2}}},
		"weightless points":        {100, 100, []metric{{50, 10, 0}}, []span{{0, 50}}},
	} {
		l := layout{limit: test.limit, most: test.most}
		for _, m := range test.metrics {
			l.add(m.points, m.header, m.each)
		}
		if diff := cmp.Diff(test.want, l.finish(), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzParts: whatever the cuts, each point is sent exactly once, in its order.
func FuzzParts(f *testing.F) {
	f.Add(uint16(20_000), uint8(7), uint8(3))
	f.Add(uint16(0), uint8(1), uint8(0))
	f.Fuzz(func(t *testing.T, size uint16, most, n uint8) {
		rm := manyMetrics(int(n))
		e := &exporter{plan: plan{config: config{maxRequest: int(size)}}}
		e.mostPoints.Store(max(int64(most), 1))
		total := 0
		for _, s := range e.split(rm) {
			if s.from != total || s.to < s.from {
				t.Fatalf("span %v after %d points", s, total)
			}
			p := part(rm, s, countPoints(rm))
			if got := countPoints(p); got != s.to-s.from {
				t.Fatalf("span %v has %d points", s, got)
			}
			total = s.to
		}
		if total != countPoints(rm) {
			t.Fatalf("%d points of %d", total, countPoints(rm))
		}
	})
}

// TestCostOfSplitting is that of a few slices, however many points there are.
//
//nolint:paralleltest // testing.AllocsPerRun does not allow it
func TestCostOfSplitting(t *testing.T) {
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "a", Data: metricdata.Gauge[int64]{DataPoints: numbers[int64](100_000)}},
	}}}}
	e := &exporter{plan: plan{config: config{maxRequest: DefaultMaxRequestSize}}}
	e.mostPoints.Store(1 << 40)
	parts := 0
	allocs := testing.AllocsPerRun(5, func() {
		parts = 0
		for _, s := range e.split(rm) {
			part(rm, s, 100_000)
			parts++
		}
	})
	if allocs > float64(20+10*parts) {
		t.Errorf("%v allocations for %d parts of 100,000 points", allocs, parts)
	}
}

func BenchmarkSplit(b *testing.B) {
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "a", Data: metricdata.Gauge[int64]{DataPoints: numbers[int64](180_000)}},
	}}}}
	e := &exporter{plan: plan{config: config{maxRequest: DefaultMaxRequestSize}}}
	e.mostPoints.Store(1 << 40)
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range e.split(rm) {
			part(rm, s, 180_000)
		}
	}
}

func TestMaxRequestSizeIsRefused(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, -1, MinMaxRequestSize - 1} {
		wantProblem(t, []string{fmt.Sprintf("OTLP exporter: WithMaxRequestSize is %d: want a number of bytes, 16384 or more", size)}, WithMaxRequestSize(size))
	}
	if err := Validate(WithMaxRequestSize(MinMaxRequestSize)); err != nil {
		t.Error(err)
	}
}

// TestTimeIsOverBetweenRequests ends the export.
func TestTimeIsOverBetweenRequests(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			if n == 1 {
				cancel()
				time.Sleep(50 * time.Millisecond)
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		}
		e := newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithMaxRequestSize(MinMaxRequestSize))
		err := e.Export(ctx, manyMetrics(100))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "sliotlp: request 2 of ") || len(r.got()) != 2 {
			t.Errorf("%d requests, %v", len(r.got()), err)
		}
	})
}
