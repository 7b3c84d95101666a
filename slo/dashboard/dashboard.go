package dashboard

import (
	"encoding/json"
	"fmt"
	"io"
)

// A Dashboard is one Grafana dashboard, ready to be written.
type Dashboard struct {
	UID   string
	Title string

	// SLI is the SLI that the dashboard shows, or "" if it shows several.
	SLI string
	// Category is the feature category that the dashboard shows, or "" if it shows none.
	Category string

	doc *document
}

// FileName returns a file name for the dashboard, which is unique within a service.
func (d Dashboard) FileName() string { return d.UID + ".json" }

// Write writes the dashboard as JSON, for the Grafana API and for Grafana's file provisioning. It fails
// only if w does.
func (d Dashboard) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d.doc); err != nil {
		return fmt.Errorf("dashboard: write %q: %w", d.Title, err)
	}
	return nil
}

// A Query is one query of a panel.
type Query struct {
	Panel   uint32 // ID of the panel
	Title   string // title of the panel
	Expr    string // PromQL with Grafana variables
	Instant bool
}

// Queries returns the queries of all panels, in order, for tools that check or count them.
func (d Dashboard) Queries() []Query {
	var all []Query
	for _, p := range d.doc.Panels {
		for _, t := range p.Targets {
			all = append(all, Query{Panel: p.ID, Title: p.Title, Expr: t.Expr, Instant: t.Instant})
		}
	}
	return all
}

// Variables returns the queries that the dashboard's variables take their values from, such as
// label_values(sli_place_order_total, channel).
func (d Dashboard) Variables() []string {
	var all []string
	for _, v := range d.doc.Templating.List {
		if v.Type == "query" {
			all = append(all, v.Query)
		}
	}
	return all
}

// finish combines what all dashboards have in common with the parts of this one.
func (g *generator) finish(uid, title, description string, b *board, variables []variable, notes []annotation, links []link) Dashboard {
	identify(b.panels)
	return Dashboard{UID: uid, Title: title, doc: &document{
		UID: uid, Title: title, Description: description, Tags: g.allTags(),
		Timezone: "browser", GraphTooltip: 1, Refresh: "1m",
		Time:          timeRange{From: "now-6h", To: "now"},
		SchemaVersion: schemaVersion,
		Panels:        b.panels,
		Templating:    templating{variables},
		Annotations:   annotations{notes},
		Links:         append(links, g.siblings()),
	}}
}
