package dashboard_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
)

// Whatever names, labels and texts a declaration may have, the dashboards are valid JSON, their UIDs
// are those of Grafana, and the same again.
func FuzzGenerate(f *testing.F) {
	f.Add("shop", "place_order", "channel", "checkout", "A customer places an order.")
	f.Add("prod/sh$op", strings.Repeat("a", 100), "job_", `"\$x[[y]]{{z}}`, "<b>\n\t\x00</b>")
	f.Fuzz(func(t *testing.T, service, name, label, category, description string) {
		d := &otelsli.Description{Version: 1, Prefix: "sli", SLIs: []otelsli.SLIDescription{{
			Name: name, Description: description, FeatureCategory: category, Kind: otelsli.ErrorRate, Labels: []string{label},
			Objective: &otelsli.ObjectiveDescription{Availability: 0.999},
		}}}
		data, err := json.Marshal(d)
		if err != nil {
			t.Skip(err)
		}
		d, err = otelsli.ParseDescription(data)
		if err != nil {
			t.Skip(err) // no declaration
		}
		all, err := dashboard.Generate(d, service)
		if service == "" || !utf8.ValidString(service) {
			if err == nil {
				t.Errorf("service %q was accepted", service)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for i, dash := range all {
			if !json.Valid(text(t, dash)) || !uidPattern.MatchString(dash.UID) || seen[dash.UID] {
				t.Errorf("dashboard %d: UID %q", i, dash.UID)
			}
			seen[dash.UID] = true
		}
		if last := all[len(all)-1]; last.UID != dashboard.UID(service, name) || last.SLI != name {
			t.Errorf("UID %q, want %q", last.UID, dashboard.UID(service, name))
		}
	})
}
