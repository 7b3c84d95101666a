package dashboard_test

import (
	"fmt"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func ExampleGenerate() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{
		Name:            "place_order",
		FeatureCategory: "checkout",
		Threshold:       300 * time.Millisecond,
		Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.95},
	}, []struct{ Channel string }{{"web"}, {"app"}}, otelsli.WithCatalog(catalog))

	all, err := dashboard.Generate(catalog.Describe(), "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range all {
		fmt.Println(d.FileName(), d.Title)
	}
	// Output:
	// 8d9001d32c-all-slis.json shop: all SLIs
	// 8d9001d32c-category-c7761e58969f.json shop: checkout
	// 8d9001d32c-place_order.json shop: place_order
}

func ExampleUID() {
	fmt.Println(dashboard.UID("shop", "place_order"))
	// Output: 8d9001d32c-place_order
}

func ExampleAlertURL() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{
		Name: "place_order", Objective: otelsli.Objective{Availability: 0.999},
	}, []struct{}{{}}, otelsli.WithCatalog(catalog))

	url := dashboard.AlertURL("https://grafana.example.com", "shop")
	set, err := rules.Generate(catalog.Describe(), rules.Job("shop"), rules.WithDashboardURL(url))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, group := range set.Groups {
		for _, rule := range group.Rules {
			if rule.Labels["tier"] == rules.PageFast {
				fmt.Println(rule.Annotations["dashboard_url"])
			}
		}
	}
	// Output: https://grafana.example.com/d/8d9001d32c-{{ $labels.sli | urlquery }}?var-job={{ $labels.job | urlquery }}
}

func ExampleDashboard_Queries() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{Name: "place_order"}, []struct{}{{}}, otelsli.WithCatalog(catalog))
	all, err := dashboard.Generate(catalog.Describe(), "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, q := range all[1].Queries()[:2] {
		fmt.Printf("%s: %s\n", q.Title, q.Expr)
	}
	// Output:
	// State: sum(rate(sli_place_order_total{job=~"$job",instance=~"$instance"}[$__rate_interval])) > bool 0
	// Events: sum(rate(sli_place_order_total{job=~"$job",instance=~"$instance"}[$__rate_interval]))
}
