package dashboard_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
)

type labels struct{ Channel, Tier string }

const longName = "a_name_that_is_too_long_for_the_uid_of_its_dashboard"

// shop is a catalog with an SLI of every kind, with and without labels, objectives and a category.
func shop(t testing.TB, layout otelsli.Layout, more ...otelsli.Spec) *otelsli.Description {
	t.Helper()
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(layout), otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
		t.Fatal(err)
	}
	both := otelsli.Objective{Availability: 0.999, Apdex: 0.95}
	specs := append([]otelsli.Spec{
		{Name: "place_order", Description: "A customer places\nan order.", FeatureCategory: "checkout", Owner: "team-checkout", Threshold: 300 * time.Millisecond, Objective: both},
		{Name: longName, FeatureCategory: "checkout", Objective: otelsli.Objective{Availability: 0.9, Window: 7 * 24 * time.Hour}},
		{Name: "latency_only", FeatureCategory: "search", Kind: otelsli.Apdex, Threshold: time.Second, Objective: otelsli.Objective{Apdex: 0.9}},
		{Name: "watched_only", Threshold: time.Second},
	}, more...)
	for _, spec := range specs {
		if _, err := otelsli.New(spec, []labels{{"web", "gold"}}, otelsli.WithCatalog(c)); err != nil {
			t.Fatal(err)
		}
	}
	otelsli.MustNew(otelsli.Spec{Name: "plain"}, []struct{}{{}}, otelsli.WithCatalog(c))
	return c.Describe()
}

func generate(t testing.TB, d *otelsli.Description, options ...dashboard.Option) []dashboard.Dashboard {
	t.Helper()
	all, err := dashboard.Generate(d, "shop", options...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// of is the dashboard of an SLI.
func of(t testing.TB, all []dashboard.Dashboard, sli string) dashboard.Dashboard {
	t.Helper()
	for _, d := range all {
		if d.SLI == sli {
			return d
		}
	}
	t.Fatalf("no dashboard of %q", sli)
	return dashboard.Dashboard{}
}

// expr is the first query of the panel of that title.
func expr(t testing.TB, d dashboard.Dashboard, title string) string {
	t.Helper()
	for _, q := range d.Queries() {
		if q.Title == title {
			return q.Expr
		}
	}
	t.Fatalf("%s: no panel %q", d.Title, title)
	return ""
}

func text(t testing.TB, d dashboard.Dashboard) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := d.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// A file is what the tests look at in a written dashboard.
type file struct {
	ID            *int   `json:"id"`
	UID           string `json:"uid"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	Editable      bool   `json:"editable"`
	SchemaVersion int    `json:"schemaVersion"`
	Panels        []struct {
		ID          int    `json:"id"`
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
		TimeFrom    string `json:"timeFrom"`
		Datasource  struct{ Type, UID string }
		GridPos     struct{ X, Y, W, H int } `json:"gridPos"`
		Links       []struct{ Title, URL string }
		FieldConfig struct {
			Defaults struct {
				Unit       string
				NoValue    string
				Decimals   *int
				Thresholds struct{ Steps []struct{ Value *float64 } }
			}
		} `json:"fieldConfig"`
		Targets []struct {
			RefID        string `json:"refId"`
			Expr         string
			LegendFormat string `json:"legendFormat"`
			Instant      bool
			Range        bool
			Exemplar     bool
			Datasource   struct{ Type, UID string }
		}
	}
	Templating struct {
		List []struct{ Type, Name, Query, AllValue string }
	}
	Links       []struct{ Type, URL, Title string }
	Annotations struct{ List []struct{ Expr string } }
	Tags        []string
}

func read(t testing.TB, d dashboard.Dashboard) file {
	t.Helper()
	var f file
	if err := json.Unmarshal(text(t, d), &f); err != nil {
		t.Fatalf("%s: %v", d.Title, err)
	}
	return f
}
