package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A service with far more series than one request may hold exports them to a Collector that has its default limits:
// 4 MiB over gRPC.
func TestManySeriesOverGRPC(t *testing.T) {
	t.Parallel()
	Require(t, OTelCollector)
	for name, test := range map[string]struct {
		series  int
		options []sliotlp.Option
	}{
		"default limit":                {30_000, nil},
		"the limit is that of another": {12_000, []sliotlp.Option{sliotlp.WithMaxRequestSize(64 << 20)}},
		"compressed":                   {12_000, []sliotlp.Option{sliotlp.WithCompression(sliotlp.Gzip)}},
	} {
		t.Run(name, func(t *testing.T) {
			collector := StartCollector(t)
			catalog, want := manySeries(t, test.series)
			exporter, err := sliotlp.New(t.Context(), append(test.options, sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("http://"+collector.GRPC),
				sliotlp.WithTemporality(sliotlp.Delta), sliotlp.WithTimeout(time.Minute))...)
			if err != nil {
				t.Fatal(err)
			}
			pipeline, err := slisdk.NewPipeline("otlp", catalog, exporter, slisdk.WithTimeout(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if err := pipeline.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			collector.EventuallyTotals(t, want, answerLimit)
			n := 0
			for _, p := range collector.Points(t) {
				if strings.HasPrefix(p.Name, "sli.many.") {
					n++
				}
			}
			if n != 6*test.series {
				t.Errorf("%d points for %d series of six counters", n, test.series)
			}
			if err := exporter.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// manySeries has so many series of one SLI, with one event each. It returns some of the totals to be expected.
func manySeries(t *testing.T, n int) (catalog *otelsli.Catalog, want map[string]float64) {
	t.Helper()
	type labels struct{ Channel, Path string }
	var all []labels
	for i := range n {
		all = append(all, labels{"web", "/orders/" + strings.Repeat("0", 5-len(strconv.Itoa(i))) + strconv.Itoa(i)})
	}
	catalog = otelsli.NewCatalog()
	sli := otelsli.MustNew(otelsli.Spec{Name: "many", Threshold: 1}, all, otelsli.WithCatalog(catalog))
	want = make(map[string]float64)
	for i, l := range all {
		sli.Record(t.Context(), l, otelsli.Failed)
		if i%1000 == 0 || i == n-1 {
			want[`sli.many.error.total{channel="web",path="`+l.Path+`"}`] = 1
			want[`sli.many.slow.total{channel="web",path="`+l.Path+`"}`] = 0
		}
	}
	return catalog, want
}
