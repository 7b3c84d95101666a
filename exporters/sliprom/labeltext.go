package sliprom

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A labelText holds the text between name and value in every line of a family's series, such as
// {channel="web",tier="gold"} followed by a space. It is made when a series is created and never
// changes. All of it is contiguous, so a scrape reads memory sequentially.
type labelText struct {
	perPoint int       // 1 if all counters of a point have the same labels, else one per counter
	text     []byte    // by point, then by counter
	ends     []int     // end of each label text
	births   []float64 // by point, in seconds since 1970
}

// newLabelText makes the labelText of a family, of which p is a point.
func newLabelText(f *otelsli.Family, p *otelsli.Point) labelText {
	n := len(f.Counters())
	first, last := p.Attributes(0), p.Attributes(n-1)
	if first.Equals(&last) {
		n = 1 // by layout, labels differ between all counters of a family or between none
	}
	return labelText{perPoint: n}
}

// points returns the number of points.
func (t *labelText) points() int { return len(t.births) }

// add appends the next point.
func (t *labelText) add(p *otelsli.Point) {
	for i := range t.perPoint {
		set := p.Attributes(i)
		t.text = append(appendLabels(t.text, set), ' ')
		t.ends = append(t.ends, len(t.text))
	}
	t.births = append(t.births, unixSeconds(p.Start))
}

// of returns the text of a point's counter.
func (t *labelText) of(point, counter int) []byte {
	i := point
	if t.perPoint > 1 {
		i = point*t.perPoint + counter
	}
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.text[start:t.ends[i]]
}

// appendLabels appends the labels in braces, or nothing if there are none.
func appendLabels(b []byte, set attribute.Set) []byte {
	separator := byte('{')
	for iter := set.Iter(); iter.Next(); separator = ',' {
		kv := iter.Attribute()
		b = appendLabel(append(b, separator), string(kv.Key), kv.Value.String())
	}
	if set.Len() > 0 {
		b = append(b, '}')
	}
	return b
}
