package dashboard_test

import (
	"testing"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	static, err := rules.Static(nil, rules.WithGroupBy("cluster"))
	if err != nil {
		t.Fatal(err)
	}
	counters := generate(t, shop(t, otelsli.Counters))
	outcomes := generate(t, shop(t, otelsli.Outcomes), dashboard.WithRules(static))
	for name, d := range map[string]dashboard.Dashboard{
		"overview.json":        counters[0],
		"category.json":        counters[1],
		"detail.json":          of(t, counters, "place_order"),
		"detail-watched.json":  of(t, counters, "watched_only"),
		"overview-static.json": outcomes[0],
		"detail-static.json":   of(t, outcomes, "place_order"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Compare(t, "testdata/"+name, text(t, d))
		})
	}
}

func TestGenerateIsPure(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	first, second := generate(t, d), generate(t, d)
	for i := range first {
		if string(text(t, first[i])) != string(text(t, second[i])) {
			t.Errorf("%s differs between two calls", first[i].Title)
		}
	}
}
