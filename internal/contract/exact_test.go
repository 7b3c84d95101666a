package contract_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/internal/contract"
	"github.com/otelsli/otelsli-go/otelsli"
)

type channel struct{ Name string }

// Eight goroutines record while three readers and a scraper collect, and one of the readers loses
// two exports in three: every collection is consistent, and every sink ends with the exact totals.
func TestExactTotalsAtEverySink(t *testing.T) {
	t.Parallel()
	catalog := otelsli.NewCatalog()
	channels := []channel{{"web"}, {"app"}, {"kiosk"}}
	sli, err := otelsli.New(otelsli.Spec{Name: "order", Threshold: time.Second}, channels, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(slisdk.NewProducer(catalog)))
	_, produced := read(t, reader)
	handler := pull(t, catalog).Handler()
	sinks := map[string]func() contract.Samples{
		"cumulative": flusher(t, catalog, &keeper{temporality: metricdata.CumulativeTemporality}),
		"delta":      flusher(t, catalog, &keeper{temporality: metricdata.DeltaTemporality, failures: 2}),
		"producer":   produced,
		"scraper": func() contract.Samples {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			return contract.FromFamilies(decode(t, w.Body.Bytes(), expfmt.NewFormat(expfmt.TypeTextPlain)), "sli")
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	var collecting, recording sync.WaitGroup
	var collections []*atomic.Int64
	for _, collect := range sinks {
		n := new(atomic.Int64)
		collections = append(collections, n)
		collecting.Go(func() {
			for last := contract.Samples(nil); ctx.Err() == nil; n.Add(1) {
				now := collect()
				contract.CheckConsistent(t, last, now)
				last = now
			}
		})
	}
	// Recording is so much faster than collecting that it has to wait now and then, or there would
	// be nothing to see in between.
	const recorders, pauses = 8, 10
	pause := func(nth int) {
		for _, n := range collections {
			for n.Load() < int64(nth) {
				time.Sleep(50 * time.Microsecond)
			}
		}
	}
	var want [recorders]otelsli.Counts
	for r := range recorders {
		recording.Go(func() {
			bound := make([]otelsli.Bound, len(channels))
			for i, c := range channels {
				bound[i] = sli.With(c)
			}
			for i := range events / recorders {
				o := otelsli.Outcome(i % 7 % 4)
				if i%2 == 0 {
					bound[i%len(bound)].Record(ctx, o)
				} else {
					sli.Record(ctx, channels[i%len(channels)], o)
				}
				want[r][o]++
				if i%(events/recorders/pauses) == 0 {
					pause(i / (events / recorders / pauses))
				}
			}
		})
	}
	recording.Wait()
	cancel()
	collecting.Wait()

	var sum otelsli.Counts
	for _, w := range want {
		for o, n := range w {
			sum[o] += n
		}
	}
	for name, collect := range sinks {
		got := collect()
		if diff := cmp.Diff(contract.FromCatalog(catalog), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if total := got.Events("order"); total != events {
			t.Errorf("%s: %v events, want %d", name, total, events)
		}
		var failed float64
		for _, c := range channels {
			failed += got[fmt.Sprintf("sli_order_error_total{name=%q}", c.Name)]
		}
		if failed != float64(sum[otelsli.Failed]) {
			t.Errorf("%s: %v failures, want %d", name, failed, sum[otelsli.Failed])
		}
	}
}
