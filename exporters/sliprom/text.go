package sliprom

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A notation is one of the two text formats. The output of this package is, byte for byte, that of the
// expfmt encoders for the same metrics.
type notation int

const (
	plainText   notation = iota // text/plain; version=0.0.4
	openMetrics                 // application/openmetrics-text
	notations
)

const totalSuffix = "_total"

// appendHeader appends the header lines of a metric family, whose name must not need quotes.
func (n notation) appendHeader(b []byte, name, help, typ string) []byte {
	if n == openMetrics && typ == "counter" {
		name = strings.TrimSuffix(name, totalSuffix) // the suffix belongs to the samples
	}
	b = append(append(b, "# HELP "...), name...)
	b = appendEscaped(append(b, ' '), help, n == openMetrics)
	b = append(append(b, "\n# TYPE "...), name...)
	b = append(append(b, ' '), typ...)
	return append(b, '\n')
}

// appendLabel appends one label, whose name must not need quotes.
func appendLabel(b []byte, name, value string) []byte {
	b = append(append(b, name...), `="`...)
	return append(appendEscaped(b, value, true), '"')
}

// appendEscaped appends s with backslashes and line feeds escaped, and quotes too if it will be
// quoted.
func appendEscaped(b []byte, s string, quoted bool) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			b = append(b, `\\`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '"' && quoted:
			b = append(b, `\"`...)
		default:
			b = append(b, c)
		}
	}
	return b
}

const (
	exponential = 1_000_000 // from here on, expfmt writes an exponent
	inexact     = 1 << 53   // from here on, not every integer is a float64
)

// appendCount appends the value of a counter.
func (n notation) appendCount(b []byte, v int64) []byte {
	switch {
	case v < 0 || v >= inexact:
		return n.appendFloat(b, float64(v))
	case v >= exponential:
		return appendExponential(b, v)
	}
	b = strconv.AppendInt(b, v, 10)
	if n == openMetrics {
		b = append(b, ".0"...)
	}
	return b
}

// appendExponential appends a large integer that a float64 represents exactly, like appendFloat but in
// a quarter of the time: the shortest decimal for such a number is the number itself.
func appendExponential(b []byte, v int64) []byte {
	start := len(b)
	b = strconv.AppendInt(b, v, 10)
	power := len(b) - 1 - start
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if len(b) > start+1 {
		b = slices.Insert(b, start+1, '.')
	}
	return append(b, 'e', '+', '0'+byte(power/10), '0'+byte(power%10))
}

// appendFloat appends any other number.
func (n notation) appendFloat(b []byte, f float64) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	if n == openMetrics && !bytes.ContainsAny(b[start:], ".eNI") {
		b = append(b, ".0"...)
	}
	return b
}

// appendExemplar appends the exemplar that follows the value of a counter in OpenMetrics: one of the
// events counted.
func appendExemplar(b []byte, e *otelsli.Exemplar) []byte {
	b = append(b, ` # {`+traceIDLabel+`="`...)
	b = hex.AppendEncode(b, e.TraceID[:])
	b = append(b, `",`+spanIDLabel+`="`...)
	b = hex.AppendEncode(b, e.SpanID[:])
	b = append(b, `"} 1.0 `...)
	return openMetrics.appendFloat(b, unixSeconds(e.Time))
}

// unixSeconds converts a time as the text formats write it.
func unixSeconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
