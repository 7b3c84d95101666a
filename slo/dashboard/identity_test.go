package dashboard_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// uidPattern is what Grafana takes.
var uidPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{8,40}$`)

func TestUIDs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 29)
	uids := []string{
		dashboard.UID("shop", "place_order"),
		dashboard.UID("shop2", "place_order"),
		dashboard.UID("shop", "a"),
		dashboard.UID("shop", long),
		dashboard.UID("shop", long+"a"),
		dashboard.UID("shop", long+"b"),
		dashboard.UID("shop", "all_slis"),
		dashboard.UID("shop", "category"),
		dashboard.ServiceUID("shop"),
		dashboard.CategoryUID("shop", "checkout"),
		dashboard.CategoryUID("shop", "Check out!"),
		dashboard.CategoryUID("shop2", "checkout"),
	}
	for i, uid := range uids {
		if !uidPattern.MatchString(uid) {
			t.Errorf("UID %q is not one of Grafana", uid)
		}
		if slices.Contains(uids[:i], uid) {
			t.Errorf("UID %q is there twice", uid)
		}
	}
	if want := "-" + long; !strings.HasSuffix(uids[3], want) {
		t.Errorf("UID %q: want the name as it is", uids[3])
	}
	// What was written once must never change: bookmarks, alerts and folders have it.
	if want := "8d9001d32c-a_name_that_is_t-8a4ca56ecb39"; dashboard.UID("shop", longName) != want {
		t.Errorf("UID %q, want %q", dashboard.UID("shop", longName), want)
	}
}

// ids are the panels of an SLI's dashboard by what they show.
func ids(t *testing.T, d dashboard.Dashboard) map[string]int {
	t.Helper()
	all := make(map[string]int)
	row := ""
	seen := make(map[int]bool)
	for _, p := range read(t, d).Panels {
		if p.ID <= 0 || seen[p.ID] {
			t.Errorf("panel %q: ID %d is taken or none", p.Title, p.ID)
		}
		seen[p.ID] = true
		if p.Type == "row" {
			row, _, _ = strings.Cut(p.Title, ":")
			continue
		}
		all[row+"/"+p.Title] = p.ID
	}
	return all
}

// A panel keeps its ID when others come and go, and when its objective is another.
func TestPanelIDsAreStable(t *testing.T) {
	t.Parallel()
	before := shop(t, otelsli.Counters)
	after := shop(t, otelsli.Counters)
	for i := range after.SLIs {
		if sli := &after.SLIs[i]; sli.Name == "place_order" {
			sli.Labels = []string{"a_new_one", "tier"}
			sli.Objective.Apdex = 0
			sli.Objective.Availability = 0.9
		}
	}
	set, err := rules.Generate(after, rules.Job("shop"), rules.WithOnlyTiers(rules.TicketSlow))
	if err != nil {
		t.Fatal(err)
	}
	old := ids(t, of(t, generate(t, before), "place_order"))
	edited := ids(t, of(t, generate(t, after, dashboard.WithRules(set)), "place_order"))
	common := 0
	for title, id := range edited {
		if was, ok := old[title]; ok {
			common++
			if was != id {
				t.Errorf("%s: ID %d, was %d", title, id, was)
			}
		}
	}
	if common < 10 || len(edited) == common {
		t.Errorf("%d of %d panels are old: the test compares nothing", common, len(edited))
	}
}

// Every link between dashboards leads to one that is there.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for name, all := range variants(t) {
		known := make(map[string]bool)
		for _, d := range all {
			if known[d.UID] {
				t.Errorf("%s: UID %q is there twice", name, d.UID)
			}
			known[d.UID] = true
		}
		for _, d := range all {
			links := 0
			for _, l := range read(t, d).Links {
				if uid, ok := strings.CutPrefix(l.URL, "/d/"); ok {
					links++
					if !known[uid] {
						t.Errorf("%s: %s links to %s, which is not there", name, d.Title, uid)
					}
				}
			}
			if links == 0 {
				t.Errorf("%s: %s links to none of the others", name, d.Title)
			}
		}
	}
}

var labelReplaces = regexp.MustCompile(`"uid", "([^"]*)", "sli", "([^"]*)"\)`)

// The rows of the overview lead to the dashboards of the SLIs: the query is replayed.
func TestRowsLeadToTheirDashboards(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	overview := generate(t, d)[0]
	replaces := labelReplaces.FindAllStringSubmatch(expr(t, overview, "Objectives"), -1)
	if len(replaces) == 0 {
		for _, q := range overview.Queries() {
			if replaces = labelReplaces.FindAllStringSubmatch(q.Expr, -1); len(replaces) > 0 {
				break
			}
		}
	}
	if len(replaces) != 2 {
		t.Fatalf("%d label_replace, want one for all and one for the long name", len(replaces))
	}
	for _, sli := range d.SLIs {
		uid := ""
		for _, replace := range replaces {
			pattern := regexp.MustCompile("^(?:" + replace[2] + ")$")
			if pattern.MatchString(sli.Name) {
				uid = pattern.ReplaceAllString(sli.Name, strings.ReplaceAll(replace[1], "$1", "${1}"))
			}
		}
		if want := dashboard.UID("shop", sli.Name); uid != want {
			t.Errorf("the row of %s leads to %q, want %q", sli.Name, uid, want)
		}
	}
}
