// Package dashboard makes Grafana dashboards from the SLIs of a catalog: an overview of the service, one
// dashboard per feature category, and one per SLI. It is a pure function from data to data.
//
//	all, err := dashboard.Generate(catalog.Describe(), "shop")
//	if err != nil {
//		return err
//	}
//	for _, d := range all {
//		err := d.Write(fileFor(d.FileName()))
//		…
//	}
//
// # What is shown
//
// The dashboard of an SLI shows, for each objective, what is reached, what is left of the budget, the
// budget over time, and the burn rates of each tier with the line above which its alert fires. It also
// shows the traffic, with exemplars; the traffic by each label; and the label combinations with the
// most bad events. The dashboards of the service and of a category list all objectives, with links to
// the dashboards of the SLIs, and show the ten worst.
//
// # With and without rules
//
// Objectives, budgets and burn rates are read from the records of package rules. If that set was
// generated with options, [WithRules] makes the panels fit it. The overviews read only records. Traffic,
// labels and worst offenders of an SLI are read from its counters, under the names that [names.Namer]
// gives them; these panels, and the variables of that dashboard, work without any rules.
//
// # Idle and missing
//
// A ratio of no events has no value: a gap in a graph, a dash in place of a number. Burn rates are then
// 0, because nothing burns. The panel State shows whether an SLI is active, is idle, or has no data.
//
// # What stays the same
//
// UIDs are made from the names of the service and the SLI, panel IDs from what the panel shows; see
// [UID]. Generating again updates only what changed, and links and bookmarks keep working. [AlertURL]
// makes the alerts of package rules link to these dashboards. The dashboards are not editable, because
// the next generation would overwrite edits; Grafana offers to save a copy.
//
// # Variables
//
// Every dashboard has variables for the data source, the job and the labels of [WithGroupBy]; that of
// an SLI also has the instance and each label of the SLI.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. A thousand SLIs take about half a second to generate, and
// as long to write. Only the queries of the worst offenders become more expensive with the time range;
// they are instant queries, evaluated once at its end.
package dashboard
