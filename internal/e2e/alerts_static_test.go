package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// TestStaticRules has one static file, made without knowledge of any service, watch a service of the layout Outcomes:
// however its events arrive and whatever they are called there.
func TestStaticRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		server   Server
		otlp     bool
		strategy names.Strategy
	}{
		{"scraped", Prometheus2, false, names.UnderscoreEscapingWithSuffixes},
		{"OTLP", Prometheus3, true, names.UnderscoreEscapingWithSuffixes},
		{"OTLP without suffixes", Prometheus3, true, names.UnderscoreEscapingWithoutSuffixes},
		{"OTLP with dots", Prometheus3, true, names.NoTranslation},
		{"OTLP with dots and suffixes", Prometheus3, true, names.NoUTF8EscapingWithSuffixes},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			Require(t, test.server)
			set, err := rules.Static(nil, rules.WithTranslation(test.strategy),
				rules.WithInterval(time.Second), rules.WithTiers(shortTiers()...))
			if err != nil {
				t.Fatal(err)
			}
			config := PrometheusConfig{Rules: ruleFile(t, set, rules.Prometheus{})}
			shop := shopConfig{Control: FreeAddr(t), Layout: otelsli.Outcomes}
			if test.otlp {
				config.Settings = map[string]any{"otlp": map[string]any{"translation_strategy": test.strategy.String()}}
			} else {
				shop.Metrics = FreeAddr(t)
				config.Targets = Targets{"shop": {shop.Metrics}}
			}
			prom := StartPrometheus(t, test.server, config)
			if test.otlp {
				addr, path := prom.OTLPEndpoint()
				shop.OTLP = "http://" + addr + path
			}
			watchStatic(t, prom, startShop(t, shop))
		})
	}
}

// watchStatic demands the objectives that the process exports, quiet while it is idle, and a page when it fails.
func watchStatic(t *testing.T, prom *Prometheus, s *shop) {
	t.Helper()
	for slo, objective := range map[string]float64{otelsli.SLOAvailability: 0.999, otelsli.SLOApdex: 0.95} {
		prom.Eventually(t, fmt.Sprintf(`min(slo:objective:ratio{job="shop",slo=%q})`, slo), objective, alertLimit)
		prom.Eventually(t, fmt.Sprintf(`count(slo:error_budget_remaining:ratio{job="shop",slo=%q} == 1)`, slo), float64(len(shopSLIs)), alertLimit)
	}
	if pending, err := prom.Query(t.Context(), `ALERTS`); err != nil || len(pending) > 0 {
		t.Errorf("alerts of an idle service: %v, %v", pending, err)
	}
	s.turn(t, "fail")
	burning := fmt.Sprintf(`count(ALERTS{alertname=%q,alertstate="firing",job="shop",slo="availability",severity="page",tier="page-fast"})`, rules.AlertBudgetBurn)
	prom.Eventually(t, burning, float64(len(shopSLIs)-1), alertLimit)
	others, err := prom.Query(t.Context(), fmt.Sprintf(`ALERTS{alertname!=%q} or ALERTS{sli="search"} or ALERTS{slo="apdex"}`, rules.AlertBudgetBurn))
	if err != nil || len(others) > 0 {
		t.Errorf("other alerts in an outage: %v, %v", others, err)
	}
	prom.Eventually(t, `count(slo:error_budget_remaining:ratio{job="shop",slo="availability"} < 0)`, float64(len(shopSLIs)-1), alertLimit)
	s.turn(t, "heal")
	prom.Eventually(t, burning+" or vector(0)", 0, alertLimit)
}
