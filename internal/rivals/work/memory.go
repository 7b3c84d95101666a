package work

import (
	"context"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/slisdk"
)

// More names, of ours with what exporters keep.
const (
	OursScraped = "otelsli, scraped"
	OursPushed  = "otelsli, pushed"
)

// maxOTelMemory is the most combinations that OpenTelemetry's counters are measured with: more take
// GBs.
const maxOTelMemory = 10_000

// memory is that of n combinations of labels with four counters: of all events, of the failures, of
// those whose latency was judged and of those within the threshold. Ours has six.
func memory(n int) Case {
	c := Case{Name: sized("memory", n), Title: "memory, four counters", Series: n, Memory: true, Rivals: []Rival{
		{Ours, func() Subject { return holding(declareAll(n)) }},
		{OursScraped, func() Subject {
			exporter := must(sliprom.New(declareAll(n), sliprom.WithHold(0)))
			exporter.Handler().ServeHTTP(httptest.NewRecorder(), scrapeRequest(http.Header{}))
			return holding(exporter)
		}},
		{OursPushed, func() Subject {
			pipeline := must(slisdk.NewPipeline("rivals", declareAll(n), &sink{temporality: metricdata.DeltaTemporality}))
			mustDo(pipeline.Flush(context.Background()))
			return holding(pipeline)
		}},
		{ClientGolang, func() Subject { return holding(promFour(n)) }},
		{VictoriaMetrics, func() Subject { return holding(vmFour(n)) }},
	}}
	if n <= maxOTelMemory {
		c.Rivals = append(c.Rivals,
			Rival{OTel, func() Subject { return holding(otelFour(n, 1)) }},
			Rival{OTel3, func() Subject { return holding(otelFour(n, 3)) }})
	}
	return c
}

func holding(v any) Subject { return Subject{Keep: v} }

// startup declares n combinations.
func startup(n int) Case {
	making := func(f func() any) func() Subject {
		return func() Subject {
			return Subject{Run: func(times int) {
				for range times {
					f()
				}
			}}
		}
	}
	return Case{Name: sized("startup", n), Title: "declaration, four counters", Series: n, Rivals: []Rival{
		{Ours, making(func() any { return declareAll(n) })},
		{ClientGolang, making(func() any { return promFour(n) })},
		{VictoriaMetrics, making(func() any { return vmFour(n) })},
		{OTel, making(func() any { return otelFour(n, 1) })},
	}}
}
