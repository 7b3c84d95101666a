package lint_test

import (
	"fmt"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func thousand(b *testing.B) *otelsli.Description {
	b.Helper()
	specs := make([]otelsli.Spec, 1000)
	for i := range specs {
		specs[i] = good()
		specs[i].Name = fmt.Sprintf("operation%d", i)
	}
	return describe(b, otelsli.Counters, specs...)
}

func BenchmarkCheckThousand(b *testing.B) {
	b.ReportAllocs()
	d := thousand(b)
	set, err := rules.Generate(d, rules.Job("shop"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		lint.Check(d, lint.WithRules(set))
	}
}

func BenchmarkCheckThousandWithoutRules(b *testing.B) {
	b.ReportAllocs()
	d := thousand(b)
	for b.Loop() {
		lint.Check(d)
	}
}
