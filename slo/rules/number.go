package rules

import (
	"math/big"
	"strconv"
	"strings"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// number formats a float without an exponent: 14.4, 0.999.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// budgetOf returns 1 minus the objective, free of binary rounding errors: 0.001 for 0.999.
func budgetOf(objective float64) string {
	text := number(objective)
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return number(1 - objective)
	}
	_, fraction, _ := strings.Cut(text, ".")
	return r.Sub(big.NewRat(1, 1), r).FloatString(len(fraction))
}

// percent formats a ratio as a percentage: 99.9%.
func percent(ratio float64) string {
	r, ok := new(big.Rat).SetString(number(ratio))
	if !ok {
		return number(100*ratio) + "%"
	}
	text := r.Mul(r, big.NewRat(100, 1)).FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}
