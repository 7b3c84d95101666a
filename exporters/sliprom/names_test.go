package sliprom

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/otelsli"
)

// What this door serves is what the OpenTelemetry exporter makes of Catalog.Register.
func TestSameAsTheOpenTelemetryExporter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options []otelsli.CatalogOption
		prefix  string
	}{
		{"counters", nil, "sli_"},
		{"outcomes", []otelsli.CatalogOption{otelsli.WithLayout(otelsli.Outcomes)}, "sli_"},
		{"prefix", []otelsli.CatalogOption{otelsli.WithPrefix("gitlab_sli")}, "gitlab_sli_"},
		{"prefix with a dot", []otelsli.CatalogOption{otelsli.WithPrefix("shop.sli")}, "shop_sli_"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, test.options...)
			otelsli.MustNew(otelsli.Spec{Name: "fetch", Threshold: 1}, []struct{ HTTPMethod, FeedID string }{{"GET", "a.b/c"}},
				otelsli.WithCatalog(s.catalog))
			ours := open(t, s.catalog)
			registry := prometheus.NewRegistry()
			theirs, err := otelprom.New(otelprom.WithRegisterer(registry), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.catalog.Register(sdkmetric.NewMeterProvider(sdkmetric.WithReader(theirs))); err != nil {
				t.Fatal(err)
			}
			s.sell(t)

			want := gathered(t, registry)
			got := gathered(t, ours).only(test.prefix)
			if len(want) < 20 {
				t.Fatalf("only %d samples to compare", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("samples (-otel +ours):\n%s", diff)
			}
			if diff := cmp.Diff(metadata(t, registry), metadata(t, ours), ignoreOwn); diff != "" {
				t.Errorf("type and help (-otel +ours):\n%s", diff)
			}
		})
	}
}

var ignoreOwn = cmpopts.IgnoreMapEntries(func(name string, _ [2]string) bool { return name == problemsName })

func metadata(t *testing.T, g prometheus.Gatherer) map[string][2]string {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][2]string)
	for _, f := range families {
		all[f.GetName()] = [2]string{dto.MetricType_name[int32(f.GetType())], f.GetHelp()}
	}
	return all
}
