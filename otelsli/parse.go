package otelsli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ParseDescription reads the JSON of a [Description] and validates it as [New] validates a
// declaration: every problem is reported, joined, as a [FieldError]. Unknown fields are ignored;
// another version is an error.
//
// What can be derived may be missing or unordered: the metric names, and the order of SLIs and
// series. The result is what [Catalog.Describe] would return. Metric names that contradict the rest
// are an error.
func ParseDescription(data []byte) (*Description, error) {
	var d Description
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("otelsli: parse description: %w", err)
	}
	if d.Version != DescriptionVersion {
		return nil, &FieldError{Field: "description: version", Value: fmt.Sprint(d.Version), Want: fmt.Sprint(DescriptionVersion)}
	}
	d.normalize()
	if err := d.validate(); err != nil {
		return nil, err
	}
	return &d, nil
}

// normalize brings everything that can be written in several ways into the form of
// [Catalog.Describe].
func (d *Description) normalize() {
	if d.SLIs == nil {
		d.SLIs = []SLIDescription{}
	}
	for i := range d.SLIs {
		d.SLIs[i] = d.SLIs[i].normal()
		if sli := &d.SLIs[i]; len(sli.Metrics) == 0 {
			sli.Metrics = d.Layout.metrics(d.Prefix, sli.Spec())
		}
	}
	d.sort()
}

func (d SLIDescription) normal() SLIDescription {
	if d.Objective != nil && *d.Objective == (ObjectiveDescription{}) {
		d.Objective = nil
	}
	if len(d.Labels) == 0 {
		d.Labels = nil
	}
	if len(d.Series) == 0 {
		d.Series = nil
	}
	for i := range d.Series {
		if len(d.Series[i].Labels) == 0 {
			d.Series[i].Labels = nil
		}
	}
	slices.SortFunc(d.Series, func(a, b SeriesDescription) int { return slices.Compare(d.values(a), d.values(b)) })
	return d
}

// values returns the label values of a series in the order of the labels.
func (d SLIDescription) values(s SeriesDescription) []string {
	values := make([]string, len(d.Labels))
	for i, name := range d.Labels {
		values[i] = s.Labels[name]
	}
	return values
}

func (d *Description) validate() error {
	p := &problems{subject: "description: "}
	if want := wrongPrefix(d.Prefix); want != "" {
		p.add("prefix", d.Prefix, "%s", want)
	}
	owners := make(map[string]string) // of metric names
	for _, sli := range d.SLIs {
		p.subject = fmt.Sprintf("description: SLI %.120q: ", sli.Name)
		sli.validate(p)
		if want := d.Layout.metrics(d.Prefix, sli.Spec()); !slices.Equal(sli.Metrics, want) {
			p.add("metrics", strings.Join(sli.Metrics, " "), "%q, as prefix, layout and kind have it", strings.Join(want, " "))
		}
		for _, name := range metricNames(DefaultPrefix, sli.Spec()) {
			if owner, taken := owners[name]; taken {
				p.add("Name", sli.Name, "another name: the metric %s would also be that of SLI %q", name, owner)
				break
			}
			owners[name] = sli.Name
		}
	}
	return p.err()
}

func (d SLIDescription) validate(p *problems) {
	spec := d.Spec()
	spec.validate(p, spec.Kind.Has(Apdex)) // a description does not say whether WithThreshold was used
	schema := labelSchema{names: d.Labels}
	schema.checkNames(p)
	seen := make(map[string]bool, len(d.Series))
	for _, s := range d.Series {
		schema.checkMap(s.Labels, p)
		values := d.values(s)
		if key := identity(values); seen[key] {
			p.add("series", strings.Join(abbreviate(values), ","), "every combination of labels once")
		} else {
			seen[key] = true
		}
		if s.Threshold > 0 && !spec.Kind.Has(Apdex) {
			p.add(fmt.Sprintf("series %q: Threshold", abbreviate(values)), s.Threshold.Duration(), "0, for the kind is %v", spec.Kind)
		}
	}
}
