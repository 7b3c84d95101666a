// Package dashboard makes dashboards of Grafana from the SLIs of a catalog: an overview of a service,
// one of each feature category, and one of each SLI. It is a pure function from data to data.
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
// Of an SLI: each objective with what is reached and left of its budget, the curve of the budget, and
// the burn rates of each tier with the line above which its alert fires; the traffic, with exemplars;
// each label; and the combinations of labels with the most bad events. Of a service and of a
// category: all objectives as a list that leads to the dashboards of the SLIs, and the ten worst.
//
// # With and without rules
//
// Objectives, budgets and burn rates are read from the records of package rules; [WithRules] makes the
// panels fit a set that was made with options. The overviews read nothing else. Traffic, labels and
// worst offenders of an SLI are read from its counters, under the names that [names.Namer] gives
// them, and work without any rules, as do the variables of that dashboard.
//
// # Idle and missing
//
// A ratio of no events has no value: a gap in a curve, a dash in place of a number. A burn rate is 0
// then, for nothing burns. The panel State says whether an SLI is active, idle, or has no data at all.
//
// # What stays the same
//
// UIDs are made from the names of service and SLI, IDs of panels from what they show: see [UID].
// Generating again changes what was changed, and links and bookmarks stay right. [AlertURL] makes the
// alerts of package rules lead here. The dashboards are not editable, since the next generation
// would undo what somebody edits; Grafana offers to save a copy.
//
// # Variables
//
// Each dashboard has the data source and the job, that of an SLI also the instance and each label of
// the SLI, and both those of [WithGroupBy].
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once. A thousand SLIs take about half
// a second to generate, and as long to write. The queries over the time range of the worst offenders are the only ones that grow dear with
// it; they run once, at the end of the range.
package dashboard
