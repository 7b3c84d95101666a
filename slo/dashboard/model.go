package dashboard

// The types below are the part of Grafana's dashboard schema, version 39, that is written here. They
// are our own, so that importers of this package do not depend on Grafana's library; tests in a nested
// module decode them strictly with that library.

const schemaVersion = 39

type document struct {
	ID            *int64      `json:"id"` // null: not in any Grafana yet
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	Timezone      string      `json:"timezone"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"`
	Time          timeRange   `json:"time"`
	Refresh       string      `json:"refresh"`
	SchemaVersion int         `json:"schemaVersion"`
	Panels        []*panel    `json:"panels"`
	Templating    templating  `json:"templating"`
	Annotations   annotations `json:"annotations"`
	Links         []link      `json:"links"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type panel struct {
	ID              uint32           `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description,omitempty"`
	Datasource      *datasource      `json:"datasource,omitempty"`
	GridPos         gridPos          `json:"gridPos"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
	Options         any              `json:"options,omitempty"`
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	Transformations []transformation `json:"transformations,omitempty"`
	Links           []link           `json:"links,omitempty"`

	// Pointers, because a row must have these fields and no other panel may.
	Collapsed *bool     `json:"collapsed,omitempty"`
	Panels    *[]*panel `json:"panels,omitempty"`

	key string // what the ID is made from
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type gridPos struct {
	H uint32 `json:"h"`
	W uint32 `json:"w"`
	X uint32 `json:"x"`
	Y uint32 `json:"y"`
}

type target struct {
	RefID        string      `json:"refId"`
	Datasource   *datasource `json:"datasource"`
	Expr         string      `json:"expr"`
	LegendFormat string      `json:"legendFormat,omitempty"`
	Format       string      `json:"format,omitempty"`
	Instant      bool        `json:"instant"`
	Range        bool        `json:"range"`
	Exemplar     bool        `json:"exemplar,omitempty"`
}

type fieldConfig struct {
	Defaults  field      `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type field struct {
	Unit       string      `json:"unit,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	NoValue    string      `json:"noValue,omitempty"`
	Color      *color      `json:"color,omitempty"`
	Mappings   []mapping   `json:"mappings,omitempty"`
	Thresholds *thresholds `json:"thresholds,omitempty"`
	Custom     any         `json:"custom,omitempty"`
}

type color struct {
	Mode string `json:"mode"`
}

type mapping struct {
	Type    string               `json:"type"`
	Options map[string]valueText `json:"options"`
}

type valueText struct {
	Text  string `json:"text"`
	Color string `json:"color"`
	Index int    `json:"index"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"` // null: below all others
}

type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

type link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	URL         string   `json:"url"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	TargetBlank bool     `json:"targetBlank"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	Type       string      `json:"type"`
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Datasource *datasource `json:"datasource,omitempty"`
	Query      string      `json:"query"`
	Current    selection   `json:"current"`
	Multi      bool        `json:"multi"`
	IncludeAll bool        `json:"includeAll"`
	AllValue   string      `json:"allValue,omitempty"`
	Refresh    int         `json:"refresh,omitempty"`
	Sort       int         `json:"sort,omitempty"`
}

// A selection is the value of a variable: a string, or a list of them if it is multi-valued.
type selection struct {
	Selected bool `json:"selected"`
	Text     any  `json:"text"`
	Value    any  `json:"value"`
}

type annotations struct {
	List []annotation `json:"list"`
}

type annotation struct {
	Name       string     `json:"name"`
	Datasource datasource `json:"datasource"`
	Enable     bool       `json:"enable"`
	IconColor  string     `json:"iconColor"`
	Expr       string     `json:"expr"`
}
