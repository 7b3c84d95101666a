package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// fewEvents is the table "Few events" of docs/slo-maths.md.
var fewEvents = []struct {
	row    string        // of the document
	every  time.Duration // between two events
	failed func(event int) bool
	tier   string        // that fires first; empty: none does
	after  time.Duration // at the latest
}{
	{"| 10 in 106 minutes | 1 | none |", 636 * time.Second, func(event int) bool { return event == 9 }, "", 2 * time.Hour},
	{"| 6 in an hour | all | `page-fast`, after 50 minutes at the latest |", 10 * time.Minute, always, rules.PageFast, 50 * time.Minute},
	{"| 1 in an hour | all | `page-slow`, after 5 hours |", time.Hour, always, rules.PageSlow, 5 * time.Hour},
}

func always(int) bool { return true }

// TestFewEvents proves the table by promtool: who fires at the time it says, and that nobody does before.
func TestFewEvents(t *testing.T) {
	t.Parallel()
	promtool := filepath.Join(filepath.Dir(Prometheus2.Binary(t)), "promtool")
	text := document(t, "slo-maths.md")
	var tests strings.Builder
	for _, c := range fewEvents {
		if !strings.Contains(text, c.row+"\n") {
			t.Errorf("docs/slo-maths.md has no row %q", c.row)
		}
		var total, failed []string
		var events, failures int
		for at := time.Duration(0); at <= c.after+chainTime; at += time.Minute {
			for ; time.Duration(events+1)*c.every <= at; events++ {
				if c.failed(events + 1) {
					failures++
				}
			}
			total, failed = append(total, fmt.Sprint(events)), append(failed, fmt.Sprint(failures))
		}
		fmt.Fprintf(&tests, `
  - interval: 1m
    input_series:
      - {series: 'sli_place_order_total{job="shop"}', values: '%s'}
      - {series: 'sli_place_order_error_total{job="shop"}', values: '%s'}
    promql_expr_test:
      - {expr: '%s', eval_time: %s, exp_samples: [{labels: '{}', value: 0}]}
`, strings.Join(total, " "), strings.Join(failed, " "), fired(""), rules.Duration(c.after-time.Minute))
		if c.tier != "" {
			fmt.Fprintf(&tests, "      - {expr: '%s', eval_time: %s, exp_samples: [{labels: '{}', value: 1}]}\n",
				fired(c.tier), rules.Duration(c.after+chainTime))
		}
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "rules.yml"), []byte(ruleFile(t, profiles()[0].set(t), rules.Prometheus{})))
	file := filepath.Join(dir, "test.yml")
	writeFile(t, file, []byte("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:"+tests.String()))
	if output, err := exec.Command(promtool, "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("promtool test rules: %v\n%s", err, output)
	}
}

// chainTime is how far an alert of the pages is behind the counters.
const chainTime = 2 * time.Minute

// fired is how many burn-rate alerts of a tier, or of any, have fired so far.
func fired(tier string) string {
	if tier != "" {
		tier = fmt.Sprintf(",tier=%q", tier)
	}
	return fmt.Sprintf(`count(max_over_time(ALERTS{alertname=%q,alertstate="firing"%s}[1d])) or vector(0)`, rules.AlertBudgetBurn, tier)
}
