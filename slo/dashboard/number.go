package dashboard

import (
	"math/big"
	"strconv"
	"strings"
)

// exact converts a float to the decimal that was written in the source.
func exact(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// complement is 1 minus a ratio: 0.001 for 0.999.
func complement(ratio float64) float64 {
	f, _ := new(big.Rat).Sub(big.NewRat(1, 1), exact(ratio)).Float64()
	return f
}

// digits is the number of decimals of a ratio as a percentage: 1 for 0.999. By default, Grafana shows
// too few digits, and 99.95% as 100%.
func digits(ratio float64) int {
	_, fraction, _ := strings.Cut(strings.TrimSuffix(percent(ratio), "%"), ".")
	return len(fraction)
}

// percent formats a ratio as a percentage: 99.9%.
func percent(ratio float64) string {
	text := new(big.Rat).Mul(exact(ratio), big.NewRat(100, 1)).FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}
