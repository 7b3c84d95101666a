// Package openslo writes the objectives of a catalog for other generators: as objects of OpenSLO,
// version openslo/v1, and as a specification for Sloth, version prometheus/v1.
//
//	set, err := openslo.Generate(catalog.Describe(), "shop")
//	if err != nil {
//		return err
//	}
//	err = set.Write(file, openslo.V1{})
//
// # What is exported
//
// Each objective, with the same counters that package rules reads, under the names that
// [names.Namer] gives them, and with the same target: as the decimal that was declared, 0.999 or
// 99.9, without the noise of binary fractions. SLIs without an objective have nothing to export.
//
// # OpenSLO
//
// [V1] writes a Service, an SLI and an SLO for each objective, and for each tier an AlertPolicy and
// its notification target. Names of objects there are DNS labels, so place_order becomes
// shop-place-order-availability; the exact names are among the labels of each object. Its burn-rate
// conditions have one window. The long one of the tier is written: such an alert resolves later than
// ours, whose short window ends it.
//
// # Sloth
//
// [Sloth] writes one document, for one period, since Sloth takes the period as a flag of its command:
// --default-slo-period. [Set.Periods] lists what there is. Sloth brings its own windows and alerts;
// page and ticket are switched off where no tier of that severity can fire.
//
// # What is lost
//
// What reads these files makes its own rules. A minimum of failures, presence, coverage, budgets that
// weigh busy hours more than quiet ones and a budget that is whole after a quiet spell are features
// of package rules, and cannot be said in either format.
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once; they are pure. A thousand SLIs take about
// half a second to write, which is the time of the YAML encoder.
package openslo
