package declarative

import (
	"testing"

	"go.opentelemetry.io/contrib/otelconf"
)

func TestSmallestLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		readers string
		want    int // where the provider has 2000
		without int // where the provider has no limit
	}{
		"the provider's":           {"[{periodic: {exporter: {console: }}}]", 2000, 0},
		"default":                  {"[{periodic: {exporter: {console: }, cardinality_limits: {default: 7}}}]", 7, 7},
		"by kind":                  {"[{periodic: {exporter: {console: }, cardinality_limits: {default: 7, observable_counter: 9, observable_gauge: 8}}}]", 8, 8},
		"other kinds":              {"[{periodic: {exporter: {console: }, cardinality_limits: {counter: 1, gauge: 1, histogram: 1}}}]", 2000, 0},
		"one kind":                 {"[{periodic: {exporter: {console: }, cardinality_limits: {observable_counter: 5000}}}]", 2000, 5000},
		"the smaller of two":       {"[{periodic: {exporter: {console: }, cardinality_limits: {default: 9}}}, {periodic: {exporter: {console: }, cardinality_limits: {default: 7}}}]", 7, 7},
		"one of two without":       {"[{periodic: {exporter: {console: }, cardinality_limits: {default: 9999}}}, {periodic: {exporter: {console: }}}]", 2000, 9999},
		"null is that of the kind": {"[{periodic: {exporter: {console: }, cardinality_limits: {default: 9, observable_counter: null}}}]", 9, 9},
	} {
		file, err := otelconf.ParseYAML([]byte("file_format: '1.0'\nmeter_provider: {readers: " + test.readers + "}\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := smallestLimit(file, 2000); got != test.want {
			t.Errorf("%s: limit %d, want %d", name, got, test.want)
		}
		if got := smallestLimit(file, 0); got != test.without {
			t.Errorf("%s, and no other limit: limit %d, want %d", name, got, test.without)
		}
	}
}
