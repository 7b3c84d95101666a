package sliprom

import "github.com/otelsli/otelsli-go/otelsli"

// A column is one metric family of a sheet: all lines of one name.
type column struct {
	name      string
	headers   [notations][]byte
	constants [notations][]byte // lines of gauges, which do not change
	parts     []columnPart
	series    int
}

// A columnPart is the counters of one section that belong to a column.
type columnPart struct {
	section  *section
	counters []int
}

func newColumn(name, help, typ string) *column {
	c := &column{name: name}
	for n := range notations {
		c.headers[n] = n.appendHeader(nil, name, help, typ)
	}
	return c
}

// take adds a counter of a section. All counters of one section are added consecutively.
func (c *column) take(s *section, counter int) {
	last := len(c.parts) - 1
	if last < 0 || c.parts[last].section != s {
		c.parts = append(c.parts, columnPart{section: s})
		last++
	}
	c.parts[last].counters = append(c.parts[last].counters, counter)
}

// addConstant adds a gauge.
func (c *column) addConstant(g otelsli.Gauge) {
	for n := range notations {
		lines := c.constants[n]
		lines = append(lines, c.name...)
		lines = append(appendLabels(lines, g.Attributes), ' ')
		c.constants[n] = append(n.appendFloat(lines, g.Value), '\n')
	}
	c.series++
}

// append writes the column.
func (c *column) append(b []byte, style lineStyle) []byte {
	b = append(b, c.headers[style.notation]...)
	b = append(b, c.constants[style.notation]...)
	for _, part := range c.parts {
		b = part.append(b, c.name, style)
	}
	return b
}

// A lineStyle is how the lines of counters are written.
type lineStyle struct {
	notation notation
	created  string // name of the _created line that follows each; empty: none
}

// append writes the lines of a part.
func (p *columnPart) append(b []byte, name string, style lineStyle) []byte {
	s := p.section
	for point := range s.points() {
		for _, counter := range p.counters {
			value := s.values[counter][point]
			if value == absent {
				continue
			}
			labels := s.labels.of(point, counter)
			b = append(append(b, name...), labels...)
			b = style.notation.appendCount(b, value)
			if e := s.exemplars[counter].next(point); e != nil {
				b = appendExemplar(b, e)
			}
			b = append(b, '\n')
			if style.created != "" {
				b = append(append(b, style.created...), labels...)
				b = append(style.notation.appendFloat(b, s.labels.births[point]), '\n')
			}
		}
	}
	return b
}
