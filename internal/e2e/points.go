package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// Point is one data point of a sum or of a gauge, as a backend received it.
type Point struct {
	Resource   map[string]string
	Scope      string
	Name       string
	Unit       string
	Attributes map[string]string
	Start      time.Time // zero if the point carries none
	Time       time.Time
	Value      float64
	Sum        bool // a sum, not a gauge
	Monotonic  bool
	Delta      bool
}

// Series returns the point's metric and attributes as name{a="x",b="y"}, attributes sorted; name alone without any.
func (p Point) Series() string {
	if len(p.Attributes) == 0 {
		return p.Name
	}
	pairs := make([]string, 0, len(p.Attributes))
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		pairs = append(pairs, key+"="+strconv.Quote(p.Attributes[key]))
	}
	return p.Name + "{" + strings.Join(pairs, ",") + "}"
}

// Totals returns what each series amounts to, by [Point.Series]: all deltas added up, the last value of anything else,
// and the sum over all processes that sent it (told apart by service.instance.id).
func Totals(points []Point) map[string]float64 {
	type key struct{ series, instance string }
	bySender := map[key]float64{}
	for _, point := range points {
		k := key{point.Series(), point.Resource["service.instance.id"]}
		if point.Delta {
			bySender[k] += point.Value
		} else {
			bySender[k] = point.Value
		}
	}
	totals := map[string]float64{}
	for k, value := range bySender {
		totals[k.series] += value
	}
	return totals
}

func compareTotals(got, want map[string]float64) error {
	for _, series := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got[series]; !ok {
			return fmt.Errorf("%s was not received; series received: %q", series, slices.Sorted(maps.Keys(got)))
		} else if value != want[series] {
			return fmt.Errorf("%s = %v, want %v", series, value, want[series])
		}
	}
	return nil
}

// parsePoints reads OTLP JSON, one export a line. A last line without its end is still being written, and left out.
func parsePoints(data []byte) ([]Point, error) {
	var points []Point
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var export metricspb.MetricsData
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(line, &export); err != nil {
			return nil, fmt.Errorf("OTLP JSON: %w", err)
		}
		points = append(points, exportPoints(&export)...)
	}
	return points, nil
}

func exportPoints(export *metricspb.MetricsData) []Point {
	var points []Point
	for _, resource := range export.GetResourceMetrics() {
		attributes := stringMap(resource.GetResource().GetAttributes())
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				for _, point := range metricPoints(metric) {
					point.Resource, point.Scope = attributes, scope.GetScope().GetName()
					points = append(points, point)
				}
			}
		}
	}
	return points
}

// metricPoints leaves out histograms and summaries.
func metricPoints(metric *metricspb.Metric) []Point {
	sum := metric.GetSum()
	common := Point{
		Name:      metric.GetName(),
		Unit:      metric.GetUnit(),
		Sum:       sum != nil,
		Monotonic: sum.GetIsMonotonic(),
		Delta:     sum.GetAggregationTemporality() == metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA,
	}
	var points []Point
	for _, dataPoint := range append(sum.GetDataPoints(), metric.GetGauge().GetDataPoints()...) {
		point := common
		point.Attributes = stringMap(dataPoint.GetAttributes())
		point.Start, point.Time = unixNano(dataPoint.GetStartTimeUnixNano()), unixNano(dataPoint.GetTimeUnixNano())
		point.Value = dataPoint.GetAsDouble()
		if _, isInt := dataPoint.GetValue().(*metricspb.NumberDataPoint_AsInt); isInt {
			point.Value = float64(dataPoint.GetAsInt())
		}
		points = append(points, point)
	}
	return points
}

func stringMap(attributes []*commonpb.KeyValue) map[string]string {
	values := make(map[string]string, len(attributes))
	for _, attribute := range attributes {
		values[attribute.GetKey()] = text(attribute.GetValue())
	}
	return values
}

func text(value *commonpb.AnyValue) string {
	switch value := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_BoolValue:
		return strconv.FormatBool(value.BoolValue)
	case *commonpb.AnyValue_IntValue:
		return strconv.FormatInt(value.IntValue, 10)
	case *commonpb.AnyValue_DoubleValue:
		return strconv.FormatFloat(value.DoubleValue, 'g', -1, 64)
	default:
		return fmt.Sprint(value) // lists and maps, which no SLI has
	}
}

func unixNano(ns uint64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(ns))
}
