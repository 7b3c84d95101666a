package dashboard

import (
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Values of the schema: when the values of a variable are queried, and how they are sorted.
const (
	refreshOnTimeRange = 2
	sortByText         = 1
)

// variables returns the data source and the target labels, whose values are those found by sel.
func (g *generator) variables(sel names.Selector) []variable {
	sel = sel.With(g.places...)
	all := []variable{
		{
			Type: "datasource", Name: variableDatasource, Label: "Data source", Query: "prometheus", Refresh: 1,
			Current: selection{Text: "default", Value: "default"},
		},
		// Without a value for "all", Grafana lists the jobs, so no other service is included.
		choice(labelJob, "Job", labelJob, sel, ""),
	}
	for _, label := range g.groupBy {
		all = append(all, choice(variableGroup+label, label, label, sel.With(chosen(labelJob, labelJob)), anything))
	}
	return all
}

// anything also matches series without the label.
const anything = ".*"

// choice is a variable that selects any number of values of a label.
func choice(name, title, label string, sel names.Selector, allValue string) variable {
	return variable{
		Type: "query", Name: name, Label: title, Datasource: prometheus,
		Query: fmt.Sprintf("label_values(%s, %s)", sel, label),
		Multi: true, IncludeAll: true, AllValue: allValue,
		Current: selection{Selected: true, Text: []string{"All"}, Value: []string{"$__all"}},
		Refresh: refreshOnTimeRange, Sort: sortByText,
	}
}

// variables of an overview are read from the records.
func (s scope) variables() []variable {
	sel := names.Selector{Metric: rules.EventsIncrease(s.base), Matchers: s.matchers}
	if s.static {
		sel = sel.With(s.jobs)
	}
	return s.generator.variables(sel)
}

// variables of an SLI are read from its counters, so they need no rules.
func (s source) variables() []variable {
	sel := s.namer.Counter(s.sli.Name, s.main())
	all := s.generator.variables(sel.With(s.jobs))
	sel = sel.With(s.targets()...)
	all = append(all, choice(labelInstance, "Instance", labelInstance, sel, anything))
	for _, label := range s.sli.Labels {
		all = append(all, choice(variableLabel+label, label, label, sel, anything))
	}
	return all
}

// main is the count of all events of the SLI.
func (s source) main() names.Count {
	if s.sli.Kind.Has(otelsli.ErrorRate) {
		return names.Total
	}
	return names.Judged
}
