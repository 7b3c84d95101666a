package exports_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	grafana "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// register makes the types of all panels and data sources known to the decoder.
var register = sync.OnceFunc(plugins.RegisterDefaultPlugins)

type labels struct{ Channel, Tier string }

// catalog has an SLI of every kind, with and without labels, objectives and a category.
func catalog(t *testing.T, layout otelsli.Layout) *otelsli.Description {
	t.Helper()
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
		t.Fatal(err)
	}
	both := otelsli.Objective{Availability: 0.999, Apdex: 0.95}
	for _, spec := range []otelsli.Spec{
		{Name: "place_order", Description: "A customer places an order.", FeatureCategory: "checkout", Owner: "team", Threshold: time.Second, Objective: both},
		{Name: "a_name_that_is_longer_than_a_uid_can_hold_it", FeatureCategory: "checkout", Kind: otelsli.ErrorRate, Objective: otelsli.Objective{Availability: 0.9}},
		{Name: "watched_only", Threshold: time.Second},
		{Name: "latency_only", Kind: otelsli.Apdex, Threshold: time.Second, Objective: otelsli.Objective{Apdex: 0.9}},
	} {
		otelsli.MustNew(spec, []labels{{"web", "gold"}}, otelsli.WithCatalog(c))
	}
	otelsli.MustNew(otelsli.Spec{Name: "plain"}, []struct{}{{}}, otelsli.WithCatalog(c))
	return c.Describe()
}

func TestGrafanaDecodesEveryDashboard(t *testing.T) {
	t.Parallel()
	register()
	static, err := rules.Static(nil, rules.WithGroupBy("cluster"))
	if err != nil {
		t.Fatal(err)
	}
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for _, strategy := range names.Strategies() {
			all, err := dashboard.Generate(catalog(t, layout), "shop", dashboard.WithTranslation(strategy), dashboard.WithGroupBy("cluster"))
			if err != nil {
				t.Fatal(err)
			}
			decodeAll(t, fmt.Sprint(layout, " ", strategy), all)
		}
	}
	all, err := dashboard.Generate(catalog(t, otelsli.Outcomes), "shop", dashboard.WithRules(static), dashboard.WithTags("more"))
	if err != nil {
		t.Fatal(err)
	}
	decodeAll(t, "static", all)
}

func decodeAll(t *testing.T, name string, all []dashboard.Dashboard) {
	t.Helper()
	if len(all) != 7 {
		t.Errorf("%s: %d dashboards, want an overview, a category and 5 SLIs", name, len(all))
	}
	for _, d := range all {
		var buf bytes.Buffer
		if err := d.Write(&buf); err != nil {
			t.Fatal(err)
		}
		var decoded grafana.Dashboard
		if err := decoded.UnmarshalJSONStrict(buf.Bytes()); err != nil {
			t.Errorf("%s: %s: %v", name, d.Title, err)
			continue
		}
		if decoded.Uid == nil || *decoded.Uid != d.UID || len(decoded.Panels) == 0 {
			t.Errorf("%s: %s: decoded to UID %v and %d panels", name, d.Title, decoded.Uid, len(decoded.Panels))
		}
	}
}

// The strictness itself must be there, or else the test above says nothing.
func TestGrafanaRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	register()
	all, err := dashboard.Generate(catalog(t, otelsli.Counters), "shop")
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := all[0].Write(&buf); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ from, to string }{
		{`"editable": false`, `"editabel": false`},
		{`"editable": false`, `"editable": "no"`},
		{`"graphMode": "none"`, `"graphMod": "none"`},
		{`"lineWidth": 1`, `"lineWidht": 1`},
	} {
		changed := bytes.Replace(buf.Bytes(), []byte(change.from), []byte(change.to), 1)
		if bytes.Equal(changed, buf.Bytes()) {
			t.Fatalf("%s is not in the dashboard", change.from)
		}
		if err := new(grafana.Dashboard).UnmarshalJSONStrict(changed); err == nil {
			t.Errorf("a dashboard with %s was accepted", change.to)
		}
	}
}
