package line

import (
	"math"
	"strconv"
)

// A Number is the value of a line: an integer, a float or absent. The zero value is absent.
type Number struct {
	bits uint64
	kind numberKind
}

type numberKind uint8

const (
	absent numberKind = iota
	integer
	float
)

// Int returns a Number with an integer.
func Int(v int64) Number { return Number{bits: uint64(v), kind: integer} }

// Float returns a Number with a float; one that is not finite is absent.
func Float(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{bits: math.Float64bits(v), kind: float}
}

// count returns a Number with a count. Receivers store float64 values, or signed 64-bit integers at
// best.
func count(v uint64) Number { return Int(int64(min(v, math.MaxInt64))) }

// number returns a Number with a value from metric data.
func number[N int64 | float64](v N) Number {
	if f, ok := any(v).(float64); ok {
		return Float(f)
	}
	return Int(int64(v))
}

// Present reports whether there is a value.
func (n Number) Present() bool { return n.kind != absent }

// IsZero reports whether the value is 0 or absent.
func (n Number) IsZero() bool { return n.Float64() == 0 }

// Float64 returns the value, 0 if it is absent.
func (n Number) Float64() float64 {
	switch n.kind {
	case integer:
		return float64(int64(n.bits))
	case float:
		return math.Float64frombits(n.bits)
	}
	return 0
}

// Add returns n + m, an integer if both are. An absent value counts as 0 and takes the type of the
// other. If both are absent, or the sum is not finite, the result is absent.
func (n Number) Add(m Number) Number {
	switch {
	case n.kind == absent:
		return m
	case m.kind == absent:
		return n
	case n.kind == integer && m.kind == integer:
		return Int(int64(n.bits) + int64(m.bits))
	}
	return Float(n.Float64() + m.Float64())
}

// Sub returns n − m, with the rules of [Number.Add], except that an absent n stays absent.
func (n Number) Sub(m Number) Number {
	switch {
	case n.kind == absent || m.kind == absent:
		return n
	case n.kind == integer && m.kind == integer:
		return Int(int64(n.bits) - int64(m.bits))
	}
	return Float(n.Float64() - m.Float64())
}

// String returns the value as it appears in a line, or "absent".
func (n Number) String() string {
	if n.kind == absent {
		return "absent"
	}
	return string(n.append(nil))
}

// append appends integers in decimal, and floats in the shortest form that parses back to the same
// value.
func (n Number) append(dst []byte) []byte {
	if n.kind == integer {
		return strconv.AppendInt(dst, int64(n.bits), 10)
	}
	return appendFloat(dst, n.Float64())
}

// appendFloat omits the plus sign of an exponent, which not all receivers parse, and the minus sign
// of a zero.
func appendFloat(dst []byte, v float64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'g', -1, 64)
	for i := len(dst) - 1; i > start; i-- {
		if dst[i] == '+' {
			return append(dst[:i], dst[i+1:]...)
		}
	}
	return dst
}
