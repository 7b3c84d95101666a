package otelsli

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// A Layout maps the four cells of a series to the exported counters.
type Layout uint8

const (
	// Counters gives each SLI its own counters, with GitLab's names. It is the default.
	//
	//	<prefix>.<name>.total                 success + slow + failed   kind ErrorRate
	//	<prefix>.<name>.error.total           failed                    kind ErrorRate
	//	<prefix>.<name>.ignored.total         ignored                   kind ErrorRate
	//	<prefix>.<name>.apdex.total           success + slow            kind Apdex
	//	<prefix>.<name>.apdex.success.total   success                   kind Apdex
	//	<prefix>.<name>.slow.total            slow                      kind Apdex
	Counters Layout = iota

	// Outcomes exports one counter for all SLIs, <prefix>.events.total, with the attributes "sli"
	// and "outcome". One static rules file then covers every service.
	Outcomes
)

var layoutNames = []string{"counters", "outcomes"}

// String returns "counters" or "outcomes".
func (l Layout) String() string {
	if int(l) < len(layoutNames) {
		return layoutNames[l]
	}
	return fmt.Sprintf("Layout(%d)", uint8(l))
}

// MarshalText returns the text of [Layout.String]. An invalid layout is an error.
func (l Layout) MarshalText() ([]byte, error) {
	if int(l) >= len(layoutNames) {
		return nil, fmt.Errorf("otelsli: %v: want Counters or Outcomes", l)
	}
	return []byte(layoutNames[l]), nil
}

// UnmarshalText reads the text that [Layout.String] returns.
func (l *Layout) UnmarshalText(text []byte) error {
	i := slices.Index(layoutNames, string(text))
	if i < 0 {
		return fmt.Errorf("otelsli: layout %q: want %s", text, strings.Join(layoutNames, " or "))
	}
	*l = Layout(i)
	return nil
}

// A Counter is one of the monotonic integer sums that the series of a [Family] are exported as.
type Counter struct {
	Name        string // OpenTelemetry name, such as "sli.place_order.error.total"
	Description string
	Unit        string // UCUM

	cells   []Outcome            // their sum is the value
	latency bool                 // only for series with a threshold
	extra   []attribute.KeyValue // attributes in addition to the labels of the series

	exemplar Outcome // whose exemplars its points have; Success: none
}

// Counters returns the counters that the SLI of spec is exported as, in a catalog with this prefix,
// without collecting anything. It uses only the name, the description and the kind of spec; the
// kind must not be zero.
func (l Layout) Counters(prefix string, spec Spec) []Counter {
	if l == Outcomes {
		return outcomeCounters(prefix, spec)
	}
	var all []Counter
	add := func(kind Kind, suffix string, exemplar Outcome, what string, cells ...Outcome) {
		if spec.Kind.Has(kind) {
			all = append(all, Counter{
				Name:        prefix + "." + spec.Name + "." + suffix,
				Description: describe(spec, what),
				Unit:        UnitEvent,
				cells:       cells,
				latency:     kind == Apdex,
				exemplar:    exemplar,
			})
		}
	}
	add(ErrorRate, suffixTotal, Success, "Events that count for the error rate.", Success, Slow, Failed)
	add(ErrorRate, suffixError, Failed, "Events that failed.", Failed)
	add(ErrorRate, suffixIgnored, Success, "Events that count neither as good nor as failed.", Ignored)
	add(Apdex, suffixApdex, Slow, "Successful events whose latency was judged.", Success, Slow)
	add(Apdex, suffixApdexSuccess, Success, "Successful events within their threshold.", Success)
	add(Apdex, suffixSlow, Slow, "Successful events past their threshold.", Slow)
	return all
}

func outcomeCounters(prefix string, spec Spec) []Counter {
	var all []Counter
	for o := range Outcome(outcomes) {
		if o == Slow && !spec.Kind.Has(Apdex) {
			continue
		}
		c := Counter{
			Name:        prefix + "." + suffixEvents,
			Description: "Events of the service level indicators by outcome.",
			Unit:        UnitEvent,
			cells:       []Outcome{o},
			latency:     o == Slow,
			exemplar:    o,
			extra: []attribute.KeyValue{
				attribute.String(AttributeSLI, spec.Name),
				attribute.String(AttributeOutcome, o.String()),
			},
		}
		all = append(all, c)
	}
	return all
}

// Outcomes returns the outcomes whose events c counts, such as Success, Slow and Failed for the
// total of the error rate.
func (c Counter) Outcomes() []Outcome { return slices.Clone(c.cells) }

// metrics returns the distinct names of an SLI's counters.
func (l Layout) metrics(prefix string, spec Spec) []string {
	var names []string
	for _, c := range l.Counters(prefix, spec) {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// describe joins the descriptions of the SLI and of one of its counters.
func describe(spec Spec, what string) string {
	if spec.Description == "" {
		return what
	}
	return strings.TrimSuffix(spec.Description, ".") + ". " + what
}

// metricNames returns the names of spec's counters in the layout Counters and in Prometheus
// spelling: the strictest form that two SLIs must not share.
func metricNames(prefix string, spec Spec) []string {
	spec.Kind = ErrorRate | Apdex // so that adding a threshold later cannot collide
	var names []string
	for _, c := range Counters.Counters(prefix, spec) {
		names = append(names, strings.ReplaceAll(c.Name, ".", "_"))
	}
	return names
}
