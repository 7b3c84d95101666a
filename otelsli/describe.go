package otelsli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DescriptionVersion is the version of the [Description] format.
const DescriptionVersion = 1

// A Description is a catalog as data: the declarations of its SLIs, without what they have counted.
// Rules, dashboards and tools are generated from it. Its JSON is stable: it depends on nothing but
// the declarations, and [ParseDescription] reads it back to the same value.
type Description struct {
	Version int              `json:"version"`
	Prefix  string           `json:"prefix"`
	Layout  Layout           `json:"layout"`
	SLIs    []SLIDescription `json:"slis"` // sorted by name
}

// An SLIDescription describes one SLI. Durations are in seconds.
type SLIDescription struct {
	Name            string                `json:"name"`
	Description     string                `json:"description,omitempty"`
	FeatureCategory string                `json:"feature_category,omitempty"`
	Owner           string                `json:"owner,omitempty"`
	Kind            Kind                  `json:"kinds"`
	Threshold       Seconds               `json:"threshold_seconds,omitempty"`
	Objective       *ObjectiveDescription `json:"objective,omitempty"`
	Labels          []string              `json:"labels,omitempty"`
	Metrics         []string              `json:"metrics"` // OpenTelemetry names
	Series          []SeriesDescription   `json:"series,omitempty"`
}

// An ObjectiveDescription describes an [Objective].
type ObjectiveDescription struct {
	Availability float64 `json:"availability,omitempty"`
	Apdex        float64 `json:"apdex,omitempty"`
	Window       Seconds `json:"window_seconds"`
}

// A SeriesDescription describes one declared combination of labels.
type SeriesDescription struct {
	Labels    map[string]string `json:"labels,omitempty"`
	Threshold Seconds           `json:"threshold_seconds,omitempty"` // 0: latency is not judged
}

// Seconds is a duration that is marshalled as a number of seconds.
type Seconds time.Duration

// Duration returns s as a [time.Duration].
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// MarshalJSON writes s as a number, such as 0.3, which reads back to the same s. A negative s is an
// error.
func (s Seconds) MarshalJSON() ([]byte, error) {
	if s < 0 {
		return nil, fmt.Errorf("otelsli: a duration of %v: want none below 0", s.Duration())
	}
	whole, nanoseconds := s/Seconds(time.Second), s%Seconds(time.Second)
	text := fmt.Sprintf("%d.%09d", whole, nanoseconds) // a float64 has too few digits for a year
	return []byte(strings.TrimSuffix(strings.TrimRight(text, "0"), ".")), nil
}

// UnmarshalJSON reads a number of seconds, to the nanosecond.
func (s *Seconds) UnmarshalJSON(data []byte) error {
	if d, err := time.ParseDuration(string(data) + "s"); err == nil && d >= 0 {
		*s = Seconds(d)
		return nil
	}
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return fmt.Errorf("otelsli: a duration: %w: want a number of seconds", err)
	}
	const most = float64(1<<63-1) / float64(time.Second)
	if seconds < 0 || seconds > most {
		return fmt.Errorf("otelsli: a duration of %v seconds: want one from 0 to %.0f", seconds, most)
	}
	*s = Seconds(min(seconds*float64(time.Second)+0.5, 1<<63-1024))
	return nil
}

// Describe returns the catalog as data, without undeclared label combinations. It may be called at
// any time and makes nothing final.
func (c *Catalog) Describe() *Description {
	c.mu.Lock()
	d := &Description{
		Version: DescriptionVersion,
		Prefix:  cmp.Or(c.prefix, DefaultPrefix),
		Layout:  c.layout,
		SLIs:    []SLIDescription{},
	}
	indicators := c.order.load()
	c.mu.Unlock()
	for _, ind := range indicators {
		d.SLIs = append(d.SLIs, ind.describe(d.Prefix, d.Layout))
	}
	d.sort()
	return d
}

func (d *Description) sort() {
	slices.SortFunc(d.SLIs, func(a, b SLIDescription) int { return cmp.Compare(a.Name, b.Name) })
}

func (ind *indicator) describe(prefix string, layout Layout) SLIDescription {
	spec := ind.spec
	d := SLIDescription{
		Name:            spec.Name,
		Description:     spec.Description,
		FeatureCategory: spec.FeatureCategory,
		Owner:           spec.Owner,
		Kind:            spec.Kind,
		Threshold:       Seconds(spec.Threshold),
		Labels:          slices.Clone(ind.labels.names),
		Metrics:         layout.metrics(prefix, spec),
	}
	if o := spec.Objective; o != (Objective{}) {
		d.Objective = &ObjectiveDescription{Availability: o.Availability, Apdex: o.Apdex, Window: Seconds(o.Window)}
	}
	for _, s := range ind.declaredSeries() {
		sd := SeriesDescription{Threshold: Seconds(max(s.threshold, 0))}
		for i, name := range ind.labels.names {
			if sd.Labels == nil {
				sd.Labels = make(map[string]string)
			}
			sd.Labels[name] = s.info.values[i]
		}
		d.Series = append(d.Series, sd)
	}
	return d
}

// declaredSeries returns the declared series, sorted by their label values.
func (ind *indicator) declaredSeries() []*series {
	ind.mu.Lock()
	defer ind.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(ind.all.load()), func(s *series) bool { return !s.info.declared })
	slices.SortFunc(list, func(a, b *series) int { return slices.Compare(a.info.values, b.info.values) })
	return list
}

// Spec returns the declaration that d describes.
func (d SLIDescription) Spec() Spec {
	spec := Spec{
		Name:            d.Name,
		Description:     d.Description,
		FeatureCategory: d.FeatureCategory,
		Owner:           d.Owner,
		Kind:            d.Kind,
		Threshold:       d.Threshold.Duration(),
	}
	if o := d.Objective; o != nil {
		spec.Objective = Objective{Availability: o.Availability, Apdex: o.Apdex, Window: o.Window.Duration()}
	}
	return spec
}
