package sliprom

import (
	"fmt"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// An encoding produces one response body.
type encoding struct {
	*variant
	out     *buffer
	encoder expfmt.Encoder // for everything that is not in a sheet
	created bool
}

func (v *variant) encodeTo(out *buffer, created bool) *encoding {
	var options []expfmt.EncoderOption
	if created {
		options = append(options, expfmt.WithCreatedLines())
	}
	return &encoding{
		variant: v,
		out:     out,
		encoder: expfmt.NewEncoder(out, v.format, options...),
		created: created && v.kind == expfmt.TypeOpenMetrics, // the older format has no such lines
	}
}

// column writes a column of a sheet.
func (e *encoding) column(c *column) {
	if !e.wants(c.name) {
		return
	}
	style := lineStyle{notation: e.notation()}
	if e.created {
		style.created = strings.TrimSuffix(c.name, totalSuffix) + "_created"
	}
	*e.out = c.append(*e.out, style)
}

// family writes a metric family. If it fails, or the encoder panics, nothing of the family is
// written.
func (e *encoding) family(f *dto.MetricFamily) (err error) {
	if !e.wants(f.GetName()) {
		return nil
	}
	before := len(*e.out)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("encoding panicked: %v", r)
		}
		if err != nil {
			*e.out = (*e.out)[:before]
		}
	}()
	return e.encoder.Encode(f)
}

// end writes the trailer of the format, if any.
func (e *encoding) end() {
	if c, ok := e.encoder.(expfmt.Closer); ok {
		_ = c.Close() // a buffer never fails
	}
}

// render writes the result of a collection, sorted by name: the formats do not require that, but
// readers expect it.
func (s *scrape) render(out *response, v *variant) {
	out.header["Vary"] = []string{"Accept", "Accept-Encoding"}
	out.header.Set("Content-Type", string(v.format))
	e := v.encodeTo(&out.body, s.exporter.config.created)
	columns := s.columns
	for _, f := range s.families {
		for len(columns) > 0 && columns[0].name < f.GetName() {
			e.column(columns[0])
			columns = columns[1:]
		}
		if err := e.family(f); err != nil {
			s.exporter.problems.report(encodeFailed, "", f.GetName(), err)
		}
	}
	for _, c := range columns {
		e.column(c)
	}
	e.end()
	if v.names == nil {
		s.exporter.size.Store(int64(len(out.body)))
	}
	if v.gzip {
		out.compress()
	}
}
