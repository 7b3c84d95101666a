// Package openslo exports the objectives of a catalog for other generators: as OpenSLO objects, version
// openslo/v1, and as a Sloth specification, version prometheus/v1.
//
//	set, err := openslo.Generate(catalog.Describe(), "shop")
//	if err != nil {
//		return err
//	}
//	return set.Write(file, openslo.V1{})
//
// # What is exported
//
// Each objective is exported with the counters that package rules reads, under the names that
// [names.Namer] gives them, and with its target as the decimal that was declared, 0.999 or 99.9,
// free of binary rounding errors. SLIs without an objective are not exported.
//
// # OpenSLO
//
// [V1] writes a Service; an SLI and an SLO for each objective; an AlertPolicy for each tier; and a
// notification target for each severity. OpenSLO object names are DNS labels, so place_order becomes
// shop-place-order-availability; the labels of SLI and SLO objects hold the exact names. A burn-rate
// condition of OpenSLO has one window, for which the long window of the tier is written. Such an alert
// resolves later than one of package rules, which the short window ends.
//
// # Sloth
//
// [Sloth] writes one document for one period, because Sloth takes the period as a flag of its command,
// --default-slo-period. [Set.Periods] lists the periods. Sloth has its own windows and alerts; page
// and ticket alerts are disabled if no tier with that severity can fire.
//
// # What is lost
//
// The tools that read these files make their own rules. Neither format can express these features of
// package rules: a minimum number of failures, alerts about missing series, coverage, budgets that
// weight busy hours more than quiet ones, and a budget that is full after a period without events.
//
// # Concurrency and cost
//
// All functions are pure and safe for concurrent use. A thousand SLIs take about half a second to write,
// most of it in the YAML encoder.
package openslo
