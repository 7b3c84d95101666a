package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// export returns one line of a Collector's file: a sum with one point.
func export(instance, temporality, value string) string {
	return `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":"` + instance +
		`"}}]},"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"a.total","unit":"{event}","sum":{"aggregationTemporality":` +
		temporality + `,"isMonotonic":true,"dataPoints":[{"attributes":[{"key":"x","value":{"stringValue":"1"}},` +
		`{"key":"b","value":{"boolValue":true}}],"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000","asInt":"` + value +
		`","exemplars":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}]}]}}]}]}]}` + "\n"
}

func TestParsePoints(t *testing.T) {
	t.Parallel()
	line := export("i1", "2", "7")
	points, err := parsePoints([]byte(line + line[:len(line)/2]))
	if err != nil {
		t.Fatal(err)
	}
	want := []Point{{
		Resource:   map[string]string{"service.instance.id": "i1"},
		Scope:      "s",
		Name:       "a.total",
		Unit:       "{event}",
		Attributes: map[string]string{"x": "1", "b": "true"},
		Start:      unixNano(1e9),
		Time:       unixNano(2e9),
		Value:      7,
		Sum:        true,
		Monotonic:  true,
	}}
	if diff := cmp.Diff(want, points); diff != "" {
		t.Error(diff)
	}
	if _, err := parsePoints([]byte("{\n")); err == nil {
		t.Error("broken JSON is read without an error")
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	const series = `a.total{b="true",x="1"}`
	for _, test := range []struct {
		name  string
		lines []string
		want  float64
	}{
		{"cumulative: the last value", []string{export("i1", "2", "3"), export("i1", "2", "7")}, 7},
		{"delta: added up", []string{export("i1", "1", "3"), export("i1", "1", "7")}, 10},
		{"processes are added up", []string{export("i1", "2", "3"), export("i2", "2", "7"), export("i1", "2", "4")}, 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			points, err := parsePoints([]byte(strings.Join(test.lines, "")))
			if err != nil {
				t.Fatal(err)
			}
			if err := compareTotals(Totals(points), map[string]float64{series: test.want}); err != nil {
				t.Error(err)
			}
		})
	}
	for _, got := range []map[string]float64{nil, {series: 1}} {
		if compareTotals(got, map[string]float64{series: 2}) == nil {
			t.Errorf("%v passes for 2", got)
		}
	}
}
