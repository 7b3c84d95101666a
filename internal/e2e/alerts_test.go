package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// TestAlerts takes a service through an incident and a crash, before real servers: generated rules in Prometheus, the
// routes and groups of docs/alerts.md in Alertmanager, and who gets what.

var updateAlerts = flag.Bool("update-alerts", false, "write testdata/alerts_*.golden anew")

// alertLimit is how long Prometheus and Alertmanager may take for a step, on a busy machine.
const alertLimit = 60 * time.Second

// shortTiers are the standard ones with windows that a test can wait for. All end together.
func shortTiers() []rules.Tier {
	tiers := rules.StandardTiers(otelsli.DefaultWindow)
	for i := range tiers {
		tiers[i].Long, tiers[i].Short = 10*time.Second, 5*time.Second
	}
	return tiers
}

// An alertWorld is the shop and all that watches it.
type alertWorld struct {
	shop         *shop
	config       shopConfig
	prometheus   *Prometheus
	alertmanager *alertmanager
	webhooks     *webhooks
}

func startAlertWorld(t *testing.T) *alertWorld {
	t.Helper()
	Require(t, Prometheus2, Alertmanager)
	c, _, err := newShop(otelsli.Counters)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Generate(c.Describe(), rules.Job("shop"),
		rules.WithInterval(time.Second), rules.WithTiers(shortTiers()...))
	if err != nil {
		t.Fatal(err)
	}
	w := &alertWorld{config: shopConfig{Control: FreeAddr(t), Metrics: FreeAddr(t)}, webhooks: startWebhooks(t)}
	w.shop = startShop(t, w.config)
	w.alertmanager = startAlertmanager(t, documentedRoutes(t, w.webhooks.URL)+written(t, set.WriteInhibitions))
	w.prometheus = StartPrometheus(t, Prometheus2, PrometheusConfig{
		Targets: Targets{"shop": {w.config.Metrics}},
		Rules:   ruleFile(t, set, rules.Prometheus{}),
		Settings: map[string]any{"alerting": map[string]any{"alertmanagers": []any{
			map[string]any{"static_configs": []any{map[string]any{"targets": []string{w.alertmanager.addr}}}},
		}}},
	})
	return w
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	w := startAlertWorld(t)
	begin := time.Now()
	for _, step := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"an idle service is quiet", w.idles},
		{"an outage pages once", w.fails},
		{"the queries of the runbooks answer", w.queries},
		{"its end resolves the page", w.heals},
		{"a crash is told from idleness", w.dies},
		{"a restart resolves that", w.returns},
	} {
		if !t.Run(step.name, step.run) {
			break
		}
		t.Logf("%s: after %v", step.name, time.Since(begin).Round(time.Second))
	}
}

// idles waits until the rules know a month of traffic, and longer than any alert needs.
func (w *alertWorld) idles(t *testing.T) {
	w.prometheus.Eventually(t, `count(sli:events:increase5s{slo="availability"})`, float64(len(shopSLIs)), alertLimit)
	w.shop.turn(t, "warm")
	w.prometheus.Eventually(t, `slo:errors_allowed:increase_period{sli="place_order",slo="availability"} >= bool 900`, 1, alertLimit)
	w.prometheus.Eventually(t, `max(sli:events:increase10s)`, 0, alertLimit)
	if pending, err := w.prometheus.Query(t.Context(), `ALERTS`); err != nil || len(pending) > 0 {
		t.Errorf("alerts of an idle service: %v, %v", pending, err)
	}
	if got := append(w.webhooks.to("pager"), w.webhooks.to("tickets")...); len(got) > 0 {
		t.Errorf("notifications about an idle service: %v", got)
	}
}

// fails has two SLIs fail at once: one page lists both, and nothing else leaves.
func (w *alertWorld) fails(t *testing.T) {
	w.shop.turn(t, "fail")
	page := w.waitForPage(t, "SLOErrorBudgetBurn page-fast pay", "SLOErrorBudgetBurn page-fast place_order")
	if diff := cmp.Diff(map[string]string{"job": "shop", "severity": "page"}, page.GroupLabels); diff != "" {
		t.Errorf("group of the page (-want +got):\n%s", diff)
	}
	Eventually(t, alertLimit, w.slowerAreInhibited)
	time.Sleep(2 * groupTime) // a ticket that nothing held back would have left by now
	if got := w.webhooks.to("tickets"); len(got) > 0 {
		t.Errorf("tickets beside a page: %v", got)
	}
	judgeAnnotations(t, "burn", page)
}

// slowerAreInhibited demands all tiers of both SLIs, and that the page alone is sent.
func (w *alertWorld) slowerAreInhibited() error {
	all, err := w.alertmanager.alerts()
	if err != nil {
		return err
	}
	seen := make(map[string]int)
	for _, a := range all {
		tier := a.Labels["tier"]
		seen[tier]++
		if inhibited := len(a.Status.InhibitedBy) > 0; inhibited == (tier == rules.PageFast) {
			return fmt.Errorf("%s of %s: state %s, inhibited by %v", tier, a.Labels["sli"], a.Status.State, a.Status.InhibitedBy)
		}
	}
	want := map[string]int{rules.PageFast: 2, rules.PageSlow: 2, rules.TicketFast: 2, rules.TicketSlow: 2}
	if diff := cmp.Diff(want, seen); diff != "" {
		return fmt.Errorf("alerts by tier (-want +got):\n%s", diff)
	}
	return nil
}

func (w *alertWorld) heals(t *testing.T) {
	w.shop.turn(t, "heal")
	w.waitForEnd(t)
}

// dies kills the process: the SLIs are gone with their target, the idle one too, and nothing burns.
func (w *alertWorld) dies(t *testing.T) {
	w.shop.Signal(t, syscall.SIGKILL)
	page := w.waitForPage(t, "SLITargetsDown pay", "SLITargetsDown place_order", "SLITargetsDown search")
	judgeAnnotations(t, "down", page)
}

func (w *alertWorld) returns(t *testing.T) {
	w.shop = startShop(t, w.config)
	w.waitForEnd(t)
}

// waitForPage waits for a page that lists exactly these alerts.
func (w *alertWorld) waitForPage(t *testing.T, want ...string) (page notification) {
	t.Helper()
	Eventually(t, alertLimit, func() error {
		var ok bool
		if page, ok = w.webhooks.last("pager"); !ok {
			return errors.New("there is no page")
		}
		if got := page.firing(); !slices.Equal(got, want) {
			return fmt.Errorf("the page lists %q, want %q", got, want)
		}
		return nil
	})
	return page
}

// waitForEnd waits until the pager knows that it is over, and no alert is left.
func (w *alertWorld) waitForEnd(t *testing.T) {
	t.Helper()
	Eventually(t, alertLimit, func() error {
		if page, _ := w.webhooks.last("pager"); page.Status != "resolved" {
			return fmt.Errorf("the page is %s: %q", page.Status, page.firing())
		}
		all, err := w.alertmanager.alerts()
		if err == nil && len(all) > 0 {
			err = fmt.Errorf("%d alerts are left: %v", len(all), all)
		}
		return err
	})
}

// groupTime is group_wait and group_interval here.
const groupTime = 2 * time.Second

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(route:.*?)```")

// documentedRoutes is the configuration of docs/alerts.md, with our address and times.
func documentedRoutes(t *testing.T, url string) string {
	t.Helper()
	match := yamlBlock.FindStringSubmatch(document(t, "alerts.md"))
	if match == nil {
		t.Fatal("docs/alerts.md has no configuration of Alertmanager")
	}
	replaced := match[1]
	for _, change := range [][2]string{
		{"group_wait: 30s", "group_wait: " + groupTime.String()},
		{"group_interval: 5m", "group_interval: " + groupTime.String()},
		{"http://pager.example/alerts", url},
		{"http://tickets.example/alerts", url},
	} {
		if !strings.Contains(replaced, change[0]) {
			t.Fatalf("docs/alerts.md has no %q", change[0])
		}
		replaced = strings.ReplaceAll(replaced, change[0], change[1])
	}
	return replaced
}

// figuresInWords are numbers, alone or with units, as the templates of Prometheus print them.
var figuresInWords = regexp.MustCompile(`[0-9.]*[0-9](ms|[kdhms])?( [0-9.]*[0-9](ms|[dhms])\b)*`)

// judgeAnnotations compares what the pager reads about place_order with the golden file, figures apart.
func judgeAnnotations(t *testing.T, name string, page notification) {
	t.Helper()
	var text strings.Builder
	for _, a := range page.Alerts {
		if a.Labels["sli"] == "place_order" && a.Status == "firing" {
			fmt.Fprintf(&text, "%s\n%s\n%s\n", figuresInWords.ReplaceAllString(a.Annotations["summary"], "#"),
				figuresInWords.ReplaceAllString(a.Annotations["description"], "#"), a.Annotations["runbook_url"])
			t.Logf("%s\n%s", a.Annotations["summary"], a.Annotations["description"])
		}
	}
	file := filepath.Join("testdata", "alerts_"+name+".golden")
	if *updateAlerts {
		writeFile(t, file, []byte(text.String()))
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("annotations (-%s +got):\n%s", file, diff)
	}
}

func TestFiguresInWords(t *testing.T) {
	t.Parallel()
	got := figuresInWords.ReplaceAllString("99.9% over 30d burns 1k times: 6.75%; it ends in 12h 2m 40s. In 10s of 5 events", "#")
	if want := "#% over # burns # times: #%; it ends in #. In # of # events"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
