package dashboard_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// variants are dashboards of all layouts, translations and kinds of rules.
func variants(t *testing.T) map[string][]dashboard.Dashboard {
	t.Helper()
	all := make(map[string][]dashboard.Dashboard)
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for _, strategy := range names.Strategies() {
			all[fmt.Sprint(layout, strategy)] = generate(t, shop(t, layout), dashboard.WithTranslation(strategy))
		}
	}
	static, err := rules.Static(nil, rules.WithGroupBy("cluster"))
	if err != nil {
		t.Fatal(err)
	}
	all["static"] = generate(t, shop(t, otelsli.Outcomes), dashboard.WithRules(static))
	return all
}

func eachFile(t *testing.T, check func(t *testing.T, f file)) {
	t.Helper()
	for name, all := range variants(t) {
		for _, d := range all {
			f := read(t, d)
			t.Run(name+"/"+f.Title, func(t *testing.T) {
				t.Parallel()
				check(t, f)
			})
		}
	}
}

// The habits that dashboard-linter checks.
func TestHabits(t *testing.T) {
	t.Parallel()
	units := []string{"percentunit", "short", "eps", "suffix:x", "s", "none"}
	eachFile(t, func(t *testing.T, f file) {
		if f.ID != nil || f.Editable || f.SchemaVersion != 39 || f.Title == "" {
			t.Errorf("id %v, editable %v, schema %d, title %q", f.ID, f.Editable, f.SchemaVersion, f.Title)
		}
		for _, p := range f.Panels {
			if p.Type == "row" {
				continue
			}
			if p.Title == "" || p.Description == "" || !strings.HasSuffix(p.Description, ".") {
				t.Errorf("panel %q: description %q: want a title and a sentence", p.Title, p.Description)
			}
			if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
				t.Errorf("panel %q: unit %q", p.Title, p.FieldConfig.Defaults.Unit)
			}
			if p.Datasource.UID != "${datasource}" || p.Datasource.Type != "prometheus" || len(p.Targets) == 0 {
				t.Errorf("panel %q: data source %v, %d queries", p.Title, p.Datasource, len(p.Targets))
			}
			for i, q := range p.Targets {
				if q.Datasource.UID != "${datasource}" || q.RefID != string(rune('A'+i)) || q.Instant == q.Range {
					t.Errorf("panel %q: query %+v", p.Title, q)
				}
			}
		}
	})
}

var (
	selectors = regexp.MustCompile(`[a-z_:]*\{[^{}]*\}`)
	counters  = regexp.MustCompile(`(rate|increase)\((?:[a-z_]+|)\{[^{}]*\}\[(\$__rate_interval|\$__range)\]\)`)
)

// Every selector has the job, and every counter is within a rate over a window of Grafana's.
func TestSelectors(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, f file) {
		for _, p := range f.Panels {
			for _, q := range p.Targets {
				for _, sel := range selectors.FindAllString(q.Expr, -1) {
					if !strings.Contains(sel, `job=~"$job"`) {
						t.Errorf("panel %q: %s has no job", p.Title, sel)
					}
				}
				rest := counters.ReplaceAllString(q.Expr, "")
				if strings.Contains(rest, "_total") || strings.Contains(rest, ".total") {
					t.Errorf("panel %q: a counter without rate: %s", p.Title, q.Expr)
				}
				if strings.Contains(q.Expr, "%!") {
					t.Errorf("panel %q: %s", p.Title, q.Expr)
				}
			}
		}
	})
}

// Panels lie side by side or below each other, never on one another, and fill no more than the grid.
func TestPanelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, f file) {
		taken := make(map[[2]int]string)
		for _, p := range f.Panels {
			if p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W == 0 || p.GridPos.H == 0 {
				t.Errorf("panel %q: %+v is outside the grid", p.Title, p.GridPos)
			}
			for x := range p.GridPos.W {
				for y := range p.GridPos.H {
					at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
					if other := taken[at]; other != "" {
						t.Fatalf("panels %q and %q are both at %v", other, p.Title, at)
					}
					taken[at] = p.Title
				}
			}
		}
	})
}

var variableUse = regexp.MustCompile(`\$\{?(\w+)`)

// Every variable that is used is there.
func TestVariablesAreThere(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, f file) {
		known := []string{"__rate_interval", "__range", "1"} // the last is of label_replace
		for _, v := range f.Templating.List {
			if slices.Contains(known, v.Name) {
				t.Errorf("the variable %s is there twice", v.Name)
			}
			known = append(known, v.Name)
		}
		if !slices.Contains(known, "datasource") || !slices.Contains(known, "job") {
			t.Errorf("variables %q: want the data source and the job", known)
		}
		var used []string
		for _, p := range f.Panels {
			for _, q := range p.Targets {
				used = append(used, q.Expr)
			}
		}
		for _, v := range f.Templating.List {
			used = append(used, v.Query)
		}
		for _, a := range f.Annotations.List {
			used = append(used, a.Expr)
		}
		for _, expr := range used {
			for _, match := range variableUse.FindAllStringSubmatch(expr, -1) {
				if !slices.Contains(known, match[1]) {
					t.Errorf("%s: there is no variable %q", expr, match[1])
				}
			}
		}
	})
}
