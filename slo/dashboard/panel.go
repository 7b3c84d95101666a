package dashboard

import "strconv"

// Units of Grafana.
const (
	unitShare   = "percentunit" // of a ratio from 0 to 1
	unitEvents  = "short"
	unitPerSec  = "eps" // events a second
	unitTimes   = "suffix:x"
	unitSeconds = "s"
)

// noValue is shown in place of a ratio without a value, because there were no events.
const noValue = "–"

// gridWidth is the width of a dashboard, in grid units.
const gridWidth = 24

// prometheus is the data source selected by the variable.
var prometheus = &datasource{Type: "prometheus", UID: "${" + variableDatasource + "}"}

// A board places panels from left to right, in lines.
type board struct {
	panels []*panel
	x, y   uint32
	line   uint32 // height of the current line
}

// add places a panel after the last one, or on a new line if there is no room.
func (b *board) add(p *panel, width, height uint32) {
	if b.x+width > gridWidth {
		b.wrap()
	}
	p.GridPos = gridPos{H: height, W: width, X: b.x, Y: b.y}
	b.x += width
	b.line = max(b.line, height)
	b.panels = append(b.panels, p)
}

func (b *board) wrap() {
	b.y += b.line
	b.x, b.line = 0, 0
}

// row begins a part of the dashboard.
func (b *board) row(key, title string) {
	b.wrap()
	collapsed := false
	b.add(&panel{key: "row/" + key, Type: "row", Title: title, Collapsed: &collapsed, Panels: &[]*panel{}}, gridWidth, 1)
	b.wrap()
}

// ranged is a query over the time range, whose series are named by the legend.
func ranged(expr, legend string) target {
	return target{Datasource: prometheus, Expr: expr, LegendFormat: legend, Range: true}
}

// instant is a query at the end of the time range.
func instant(expr string) target {
	return target{Datasource: prometheus, Expr: expr, Instant: true}
}

// rows is an instant query whose results are the rows of a table.
func rows(expr string) target {
	t := instant(expr)
	t.Format = "table"
	return t
}

// withExemplars also queries the exemplars of the counters.
func withExemplars(t target) target {
	t.Exemplar = true
	return t
}

// A view is the content of a panel, independent of how it is displayed.
type view struct {
	key, title, description, unit string
	targets                       []target
}

func newView(key, title, unit, description string, targets ...target) view {
	return view{key: key, title: title, description: description, unit: unit, targets: targets}
}

func (v view) panel(kind string, options any, defaults field) *panel {
	targets := make([]target, len(v.targets))
	for i, t := range v.targets {
		t.RefID = refID(i)
		targets[i] = t
	}
	defaults.Unit = v.unit
	return &panel{
		key: v.key, Type: kind, Title: v.title, Description: v.description,
		Datasource: prometheus, Targets: targets, Options: options,
		FieldConfig: &fieldConfig{Defaults: defaults, Overrides: []override{}},
	}
}

// refID returns A, B, … as in Grafana.
func refID(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return "Q" + strconv.Itoa(i)
}

// stat shows one number.
func (v view) stat(steps ...step) *panel {
	if len(steps) == 0 {
		steps = []step{from("text")}
	}
	return v.panel("stat", map[string]any{
		"graphMode": "none", "colorMode": "value", "justifyMode": "auto", "textMode": "value",
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
		"orientation":   "auto",
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "values": false, "fields": ""},
	}, field{NoValue: noValue, Color: &color{"thresholds"}, Thresholds: &thresholds{"absolute", steps}})
}

// chart shows series over time, and a line at each threshold.
func (v view) chart(steps ...step) *panel {
	style := "line"
	if len(steps) == 0 {
		steps, style = []step{from("green")}, "off"
	}
	return v.panel("timeseries", map[string]any{
		"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}, field{
		Color: &color{"palette-classic"}, Thresholds: &thresholds{"absolute", steps},
		// Gaps stay visible: no line spans a time without data.
		Custom: map[string]any{
			"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": false,
			"thresholdsStyle": map[string]any{"mode": style},
		},
	})
}

// decimals sets the number of decimals.
func (p *panel) decimals(n int) { p.FieldConfig.Defaults.Decimals = &n }

// A column is one query of a table, with its header and unit.
type column struct{ title, unit, expr string }

// table shows one row for each label set, sorted by a column.
func (v view) table(sortBy string, descending bool, hidden []string, columns ...column) *panel {
	renamed, excluded := map[string]any{}, map[string]any{"Time": true}
	for _, name := range hidden {
		excluded[name] = true
	}
	var overrides []override
	for i, c := range columns {
		v.targets = append(v.targets, rows(c.expr))
		renamed["Value #"+refID(i)] = c.title
		overrides = append(overrides, override{matcher{"byName", c.title}, []property{{"unit", c.unit}}})
	}
	p := v.panel("table", map[string]any{
		"frameIndex": 0, "showHeader": true, "cellHeight": "sm",
		"sortBy": []any{map[string]any{"displayName": sortBy, "desc": descending}},
	}, field{
		NoValue: "none", Color: &color{"thresholds"}, Thresholds: &thresholds{"absolute", []step{from("text")}},
		Custom: map[string]any{"align": "auto", "filterable": true},
	})
	p.FieldConfig.Overrides = overrides
	p.Transformations = []transformation{
		{"merge", map[string]any{}},
		{"organize", map[string]any{"excludeByName": excluded, "renameByName": renamed, "indexByName": map[string]any{}}},
	}
	return p
}

// from is the color below all thresholds.
func from(color string) step { return step{Color: color} }

// above is the color from a value upwards.
func above(value float64, color string) step { return step{Color: color, Value: &value} }
