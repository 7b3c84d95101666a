package work

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// otlp collects all series and encodes them as a request of OTLP over HTTP, all by OpenTelemetry's own
// exporter, whose part is the same for all.
func otlp(n int) Case {
	combinations := combinationsFor(n)
	exported := func(count func(*sdkmetric.MeterProvider)) Subject {
		receiver := &receiver{}
		exporter, reader := receiver.exporter(), sdkmetric.NewManualReader()
		count(unlimited(reader))
		var rm metricdata.ResourceMetrics
		return Subject{
			Run: func(n int) {
				for range n {
					mustDo(reader.Collect(context.Background(), &rm))
					mustDo(exporter.Export(context.Background(), &rm))
				}
			},
			Result: receiver.result,
		}
	}
	return Case{Name: sized("otlp", n), Title: "collection and OTLP", Series: n, Rivals: []Rival{
		{Ours, func() Subject {
			receiver := &receiver{}
			return flushed(counted(combinations), receiver.exporter(), receiver.result)
		}},
		{OTelObservable, func() Subject {
			return exported(func(p *sdkmetric.MeterProvider) { countObservable(p, combinations) })
		}},
		{OTel, func() Subject {
			return exported(func(p *sdkmetric.MeterProvider) { countSync(p, combinations) })
		}},
	}}
}

// A receiver takes the place of the network: it reads each request and accepts it.
type receiver struct{ body bytes.Buffer }

func (r *receiver) exporter() *otlpmetrichttp.Exporter {
	return must(otlpmetrichttp.New(context.Background(),
		otlpmetrichttp.WithEndpointURL("http://127.0.0.1/v1/metrics"),
		otlpmetrichttp.WithHTTPClient(&http.Client{Transport: r}),
	))
}

// RoundTrip implements [http.RoundTripper].
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	r.body.Reset()
	if _, err := r.body.ReadFrom(request.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

// result describes the last request: the sum of each metric.
func (r *receiver) result() string {
	var request collector.ExportMetricsServiceRequest
	mustDo(proto.Unmarshal(r.body.Bytes(), &request))
	var all []string
	for _, scope := range request.ResourceMetrics[0].ScopeMetrics {
		for _, m := range scope.Metrics {
			name := strings.ReplaceAll(m.Name, ".", "_")
			if !slices.Contains(counterNames[:], name) {
				continue
			}
			var sum int64
			for _, p := range m.GetSum().DataPoints {
				sum += p.GetAsInt()
			}
			all = append(all, fmt.Sprintf("%s: %d in %d points", name, sum, len(m.GetSum().DataPoints)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
