package dashboard_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	other, err := rules.Generate(d, rules.Job("bank"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		description *otelsli.Description
		service     string
		option      dashboard.Option
		field       string
	}{
		"no service":         {d, "", nil, "dashboard: service"},
		"bytes":              {d, "\xff", nil, "dashboard: service"},
		"no description":     {nil, "shop", nil, "dashboard: description"},
		"translation":        {d, "shop", dashboard.WithTranslation(99), "dashboard: WithTranslation"},
		"not a job":          {d, "shop", dashboard.WithJobs(names.Equal("instance", "a")), "dashboard: WithJobs"},
		"group by job":       {d, "shop", dashboard.WithGroupBy("job"), "dashboard: WithGroupBy"},
		"group by instance":  {d, "shop", dashboard.WithGroupBy("instance"), "dashboard: WithGroupBy"},
		"group by twice":     {d, "shop", dashboard.WithGroupBy("cluster", "cluster"), "dashboard: WithGroupBy"},
		"group by no name":   {d, "shop", dashboard.WithGroupBy("a-b"), "dashboard: WithGroupBy"},
		"rules of another":   {d, "shop", dashboard.WithRules(other), "dashboard: WithRules: service"},
		"empty tag":          {d, "shop", dashboard.WithTags(""), "dashboard: WithTags"},
		"bytes in a tag":     {d, "shop", dashboard.WithTags("ok", "\xff"), "dashboard: WithTags"},
		"service of no name": {nil, "", dashboard.WithGroupBy(""), "dashboard: WithGroupBy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := dashboard.Generate(test.description, test.service, test.option)
			var field *otelsli.FieldError
			if all != nil || !errors.As(err, &field) || !strings.Contains(err.Error(), test.field) || field.Want == "" {
				t.Errorf("%d dashboards, error %v; want one about %s", len(all), err, test.field)
			}
		})
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	t.Parallel()
	_, err := dashboard.Generate(nil, "", dashboard.WithTranslation(99), dashboard.WithGroupBy("job"), dashboard.WithTags(""))
	for _, field := range []string{"service", "description", "WithTranslation", "WithGroupBy", "WithTags"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("error %v: want one about %s", err, field)
		}
	}
}

func TestWhichDashboardsThereAre(t *testing.T) {
	t.Parallel()
	var got []string
	for _, d := range generate(t, shop(t, otelsli.Counters)) {
		got = append(got, d.Title+"|"+d.SLI+"|"+d.Category)
	}
	want := []string{
		"shop: all SLIs||", "shop: checkout||checkout", "shop: search||search",
		"shop: " + longName + "|" + longName + "|", "shop: latency_only|latency_only|", "shop: place_order|place_order|",
		"shop: plain|plain|", "shop: watched_only|watched_only|",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnEmptyCatalogHasAnOverview(t *testing.T) {
	t.Parallel()
	all := generate(t, otelsli.NewCatalog().Describe())
	if len(all) != 1 {
		t.Fatalf("%d dashboards, want the overview", len(all))
	}
	for _, p := range read(t, all[0]).Panels {
		if strings.Contains(p.Title, "budget") {
			t.Errorf("panel %q without an objective", p.Title)
		}
	}
}

// What records are called, and which labels they have, comes from the rules.
func TestQueriesFitTheRules(t *testing.T) {
	t.Parallel()
	counters, outcomes := shop(t, otelsli.Counters), shop(t, otelsli.Outcomes)
	generated := func(options ...rules.Option) dashboard.Option {
		set, err := rules.Generate(counters, rules.Job("prod/shop"), options...)
		if err != nil {
			t.Fatal(err)
		}
		return dashboard.WithRules(set)
	}
	static, err := rules.Static(nil)
	if err != nil {
		t.Fatal(err)
	}
	custom := rules.Tier{Name: "mine", Severity: "wake", Factor: 7, Long: 2 * time.Hour, Short: 20 * time.Minute}
	for name, test := range map[string]struct {
		description  *otelsli.Description
		option       dashboard.Option
		panel, query string
	}{
		"default":    {counters, nil, "Objective", `max(slo:objective:ratio{service="shop",sli="place_order",slo="availability",job=~"$job"})`},
		"generated":  {counters, generated(), "Objective", `max(slo:objective:ratio{service="shop",sli="place_order",slo="availability",job=~"$job"})`},
		"static":     {outcomes, dashboard.WithRules(static), "Objective", `max(slo:objective:ratio{service="",sli="place_order",slo="availability",job=~"$job"})`},
		"grouped":    {counters, generated(rules.WithGroupBy("cluster")), "Objective", `max(slo:objective:ratio{service="shop",sli="place_order",slo="availability",job=~"$job",cluster=~"$target_cluster"})`},
		"grouped by": {counters, dashboard.WithGroupBy("cluster"), "State", `sum(rate(sli_place_order_total{job=~"$job",cluster=~"$target_cluster",instance=~"$instance",channel=~"$label_channel",tier=~"$label_tier"}[$__rate_interval])) > bool 0`},
		"base": {
			counters, generated(rules.WithInterval(30 * time.Second)), "Share of bad events",
			`sli:errors:increase2m30s{service="shop",sli="place_order",slo="availability",job=~"$job"} / (sli:events:increase2m30s{service="shop",sli="place_order",slo="availability",job=~"$job"} > 0)`,
		},
		"tier": {
			counters, generated(rules.WithTiers(custom)), "Burn rate: mine",
			`sli:errors:increase2h{service="shop",sli="place_order",slo="availability",job=~"$job"} / (sli:events:increase2h{service="shop",sli="place_order",slo="availability",job=~"$job"} > 0) / slo:error_budget:ratio{service="shop",sli="place_order",slo="availability",job=~"$job"}` +
				"\n" + `or 0 * sli:events:increase2h{service="shop",sli="place_order",slo="availability",job=~"$job"}`,
		},
		"translated": {
			counters, dashboard.WithTranslation(names.NoTranslation), "State",
			`sum(rate({"sli.place_order.total",job=~"$job",instance=~"$instance",channel=~"$label_channel",tier=~"$label_tier"}[$__rate_interval])) > bool 0`,
		},
		"outcomes": {
			outcomes, nil, "State",
			`sum(rate(sli_events_total{sli="place_order",outcome=~"success|slow|failed",job=~"$job",instance=~"$instance",channel=~"$label_channel",tier=~"$label_tier"}[$__rate_interval])) > bool 0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := of(t, generate(t, test.description, test.option), "place_order")
			if got := expr(t, d, test.panel); got != test.query {
				t.Errorf("panel %s\ngot  %s\nwant %s", test.panel, got, test.query)
			}
		})
	}
}

var metricName = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{`)

// Every record that is read is recorded by the set.
func TestRecordsAreRecorded(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Outcomes)
	generated, err := rules.Generate(d, rules.Job("shop"))
	if err != nil {
		t.Fatal(err)
	}
	week := 7 * 24 * time.Hour
	static, err := rules.Static([]time.Duration{week, otelsli.DefaultWindow})
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]*rules.Set{"generated": generated, "static": static} {
		recorded := map[string]bool{"ALERTS": true, "sli_events_total": true}
		for _, m := range set.Metrics() {
			recorded[m.Name] = true
		}
		for _, dash := range generate(t, d, dashboard.WithRules(set)) {
			for _, q := range dash.Queries() {
				for _, match := range metricName.FindAllStringSubmatch(q.Expr, -1) {
					if metric := match[1]; !recorded[metric] {
						t.Errorf("%s: %s: panel %s reads %s, which is not recorded", name, dash.Title, q.Title, metric)
					}
				}
			}
		}
	}
}

func TestTiersAreTheLines(t *testing.T) {
	t.Parallel()
	factors := map[string]float64{"Burn rate: page-fast": 14.4, "Burn rate: page-slow": 6, "Burn rate: ticket-fast": 3, "Burn rate: ticket-slow": 1}
	seen := 0
	for _, p := range read(t, of(t, generate(t, shop(t, otelsli.Counters)), "place_order")).Panels {
		want, ok := factors[p.Title]
		if !ok {
			continue
		}
		seen++
		steps := p.FieldConfig.Defaults.Thresholds.Steps
		if len(steps) != 2 || steps[0].Value != nil || steps[1].Value == nil || *steps[1].Value != want {
			t.Errorf("%s: steps %+v, want a line at %v", p.Title, steps, want)
		}
		if len(p.Targets) != 2 || len(p.Links) != 1 || !strings.HasSuffix(p.Links[0].URL, "#sloerrorbudgetburn") {
			t.Errorf("%s: %d queries, links %+v", p.Title, len(p.Targets), p.Links)
		}
	}
	if seen != 8 {
		t.Errorf("%d panels, want one for each tier of two objectives", seen)
	}
	// 90 % cannot burn more than 10 times too fast: no panel for an alert that there is not.
	for _, q := range of(t, generate(t, shop(t, otelsli.Counters)), longName).Queries() {
		if q.Title == "Burn rate: page-fast" {
			t.Errorf("panel %s of an objective of 90%%", q.Title)
		}
	}
}

func TestRunbookLinks(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"https://wiki/{service}/{sli}/{slo}?a={alert}&s={severity}&j={job}": "https://wiki/shop/place_order/availability?a=sloerrorbudgetburn&s=page&j=${job:percentencode}",
		"": "",
	} {
		d := of(t, generate(t, shop(t, otelsli.Counters), dashboard.WithRunbookURL(template)), "place_order")
		for _, p := range read(t, d).Panels {
			if p.Title != "Burn rate: page-fast" {
				continue
			}
			got := ""
			if len(p.Links) > 0 {
				got = p.Links[0].URL
			}
			if got != want {
				t.Errorf("%q: link %q, want %q", template, got, want)
			}
			break
		}
	}
}

// Exemplars are asked for where counters have them, and not of records, which have none.
func TestExemplars(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, p := range read(t, of(t, generate(t, shop(t, otelsli.Counters)), "place_order")).Panels {
		for _, q := range p.Targets {
			bad := strings.Contains(q.Expr, "_error_total") || strings.Contains(q.Expr, "_slow_total")
			if q.Exemplar && (!bad || q.Instant) {
				t.Errorf("panel %s asks for exemplars of %s", p.Title, q.Expr)
			}
			if q.Exemplar {
				asked++
			}
		}
	}
	if asked != 6 {
		t.Errorf("%d queries ask for exemplars, want failed and slow: all, by channel and by tier", asked)
	}
}

// What Grafana would take for a variable is matched all the same, and never expanded.
func TestNamesThatLookLikeVariables(t *testing.T) {
	t.Parallel()
	for service, want := range map[string]string{
		"a$job b":  `service=~"a[$]job b"`,
		"a.${job}": `service=~"a\\.[$]\\{job\\}"`,
		"a[[job]]": `service=~"a\\[\\[job\\]\\]"`,
		`a"b\c`:    `service="a\"b\\c"`,
	} {
		all, err := dashboard.Generate(shop(t, otelsli.Counters), service)
		if err != nil {
			t.Fatal(err)
		}
		if got := expr(t, all[0], "Lowest budget left"); !strings.Contains(got, want) {
			t.Errorf("%s: %s does not contain %s", service, got, want)
		}
	}
}

func TestOptionsOfTheDefaultDoNothing(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	plain := generate(t, d)
	same := generate(t, d, nil, dashboard.WithRules(nil), dashboard.WithJobs(names.Matcher{}), dashboard.WithGroupBy(),
		dashboard.WithTags(), dashboard.WithTranslation(0), dashboard.WithRunbookURL(rules.DefaultRunbookURL))
	for i := range plain {
		if string(text(t, plain[i])) != string(text(t, same[i])) {
			t.Errorf("%s differs", plain[i].Title)
		}
	}
	tagged := read(t, generate(t, d, dashboard.WithTags("extra"))[0])
	if strings.Join(tagged.Tags, " ") != "otelsli service:shop extra" {
		t.Errorf("tags %q", tagged.Tags)
	}
}

func TestWriteReportsTheWriter(t *testing.T) {
	t.Parallel()
	d := generate(t, shop(t, otelsli.Counters))[0]
	if err := d.Write(broken{}); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "dashboard: write ") {
		t.Errorf("error %v, want that of the writer", err)
	}
}

type broken struct{}

var errBroken = errors.New("no space left")

func (broken) Write([]byte) (int, error) { return 0, errBroken }
