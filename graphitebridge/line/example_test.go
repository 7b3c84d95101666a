package line_test

import (
	"fmt"
	"os"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

func ExampleMapper() {
	// What a reader of the SDK collects.
	collected := data(metricdata.Metrics{Name: "shop.orders", Data: metricdata.Sum[int64]{
		IsMonotonic: true,
		Temporality: metricdata.CumulativeTemporality,
		DataPoints:  []metricdata.DataPoint[int64]{{Attributes: set("tier", "gold customers"), Time: at, Value: 12}},
	}})
	for _, format := range []line.Format{line.Graphite, line.GraphiteTagged, line.OpenTSDB} {
		mapper, err := line.NewMapper(line.Config{Format: format, Prefix: "prod", ResourceAttributes: []string{}})
		if err != nil {
			fmt.Println(err)
			return
		}
		mapper.Map(collected, at, func(s *line.Sample) {
			os.Stdout.Write(s.Series.AppendLines(nil, s.Seconds, s.Values))
		})
	}
	// Output:
	// prod.shop.orders.instance.pod-7.tier.gold_customers 12 1700000000
	// prod.shop.orders;instance=pod-7;tier=gold_customers 12 1700000000
	// put prod.shop.orders 1700000000 12 instance=pod-7 tier=gold_customers
}

func ExamplePutName() {
	name, reason, ok := line.PutName("error-budget.counters.b7f0",
		[]line.Tag{{Key: "service", Value: "shop"}, {Key: "response_type", Value: "success"}},
		[]line.Tag{{Key: "service", Value: "a second one"}}, 0)
	if !ok {
		fmt.Println("refused:", reason)
		return
	}
	fmt.Print(string(name.AppendLine(nil, 1_700_000_000, line.Int(3))))
	// Output:
	// put error-budget.counters.b7f0 1700000000 3 service=shop response_type=success exported_service=a_second_one
}
