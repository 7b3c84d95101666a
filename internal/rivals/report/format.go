package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
)

// number has as many digits as mean something: two behind the point for small ones.
func number(v float64) string {
	switch abs := math.Abs(v); {
	case v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 0, 64)
	case abs < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case abs < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case abs < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// nanoseconds shows a time with three digits.
func nanoseconds(ns float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.size {
			return digits(ns/unit.size) + " " + unit.name
		}
	}
	return digits(ns) + " ns"
}

// digits shows three digits, from 0 to some thousand.
func digits(v float64) string {
	decimals := 0
	switch {
	case v < 10:
		decimals = 2
	case v < 100:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// cost shows what a row is compared by.
func cost(r measure.Result) string {
	if r.Memory != 0 {
		return fmt.Sprintf("%.0f B", r.Memory)
	}
	return nanoseconds(r.CPU)
}

// allocations shows a whole number.
func allocations(r measure.Result) string {
	if r.Memory != 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", r.Allocs)
}

func yesNo(ok bool) string {
	if ok {
		return "yes"
	}
	return "NO"
}
