package dashboard_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// thousand is a description of many SLIs in ten categories.
func thousand(b *testing.B) *otelsli.Description {
	b.Helper()
	c := otelsli.NewCatalog()
	for i := range 1000 {
		otelsli.MustNew(otelsli.Spec{
			Name: fmt.Sprintf("operation_%d", i), FeatureCategory: fmt.Sprintf("category %d", i%10), Threshold: time.Second,
			Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.95},
		}, []labels{{"web", "gold"}, {"app", "free"}}, otelsli.WithCatalog(c))
	}
	return c.Describe()
}

func BenchmarkGenerate1000(b *testing.B) {
	d := thousand(b)
	b.ReportAllocs()
	for b.Loop() {
		if all := generate(b, d); len(all) != 1011 {
			b.Fatal(len(all))
		}
	}
}

func BenchmarkWrite1000(b *testing.B) {
	all := generate(b, thousand(b))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range all {
			if err := d.Write(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
}
