package main

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A row is one series of one SLI: its counts and its objective.
type row struct {
	SLI          string            `json:"sli"`
	Labels       map[string]string `json:"labels"`
	Success      int64             `json:"success"`
	Slow         int64             `json:"slow"`
	Failed       int64             `json:"failed"`
	Ignored      int64             `json:"ignored"`
	Total        int64             `json:"total"`
	SuccessRatio *float64          `json:"success_ratio"` // null: no events yet
	Apdex        *float64          `json:"apdex"`         // null: no successes yet, or latency is not judged
	Objective    float64           `json:"objective,omitempty"`
	BurnRate     *float64          `json:"burn_rate"` // of the availability objective, since the start

	labels string
}

// report reads the whole catalog once.
func report(catalog *otelsli.Catalog) []row {
	var rows []row
	for f := range catalog.Collect() {
		objective := availability(f)
		for p := range f.Points() {
			if f.Name() == "undeclared" {
				continue
			}
			rows = append(rows, newRow(f.Name(), p.Attributes(0), p.Counts, objective))
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.SLI, b.SLI), cmp.Compare(a.labels, b.labels))
	})
	return rows
}

func newRow(sli string, attributes attribute.Set, counts otelsli.Counts, objective float64) row {
	r := row{
		SLI:       sli,
		Labels:    make(map[string]string),
		Success:   counts[otelsli.Success],
		Slow:      counts[otelsli.Slow],
		Failed:    counts[otelsli.Failed],
		Ignored:   counts[otelsli.Ignored],
		Total:     counts.Total(),
		Objective: objective,
	}
	var values []string
	for _, kv := range attributes.ToSlice() {
		r.Labels[string(kv.Key)] = kv.Value.AsString()
		values = append(values, kv.Value.AsString())
	}
	r.labels = strings.Join(values, " ")
	if ratio, ok := counts.Apdex(); ok {
		r.Apdex = &ratio
	}
	if ratio, ok := counts.SuccessRatio(); ok {
		r.SuccessRatio = &ratio
		if objective > 0 {
			burn := (1 - ratio) / (1 - objective)
			r.BurnRate = &burn
		}
	}
	return r
}

// availability returns the availability objective of an SLI, or 0 if it has none.
func availability(f *otelsli.Family) float64 {
	for _, g := range f.Objectives() {
		slo, _ := g.Attributes.Value(otelsli.AttributeSLO)
		if g.Unit == otelsli.UnitRatio && slo.AsString() == otelsli.SLOAvailability {
			return g.Value
		}
	}
	return 0
}

// sum adds the rows up.
func sum(rows []row) (total, failed, slow, ignored int64) {
	for _, r := range rows {
		total += r.Total
		failed += r.Failed
		slow += r.Slow
		ignored += r.Ignored
	}
	return total, failed, slow, ignored
}
