package sliprom

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A labelText is what stands between the name and the value in every line of a family's series, such
// as {channel="web",tier="gold"} with a blank after it. It is made at the birth of a series and never
// changes; all of it is in one piece, so that a scrape reads memory in its order.
type labelText struct {
	perPoint int       // 1 where all counters of a point have the same labels, else one for each
	text     []byte    // by point, then by counter
	ends     []int     // of each in text
	births   []float64 // by point, in seconds since 1970
}

// newLabelText prepares for the points of a family, of which p is one.
func newLabelText(f *otelsli.Family, p *otelsli.Point) labelText {
	n := len(f.Counters())
	first, last := p.Attributes(0), p.Attributes(n-1)
	if first.Equals(&last) {
		n = 1 // labels differ between all counters of a family or between none: the layout says so
	}
	return labelText{perPoint: n}
}

// points returns how many there are.
func (t *labelText) points() int { return len(t.births) }

// add appends the point that follows.
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

// appendLabels appends the labels with their braces, nothing where there are none.
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
