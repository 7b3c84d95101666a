package dashboard

import (
	"math/big"
	"strconv"
	"strings"
)

// exact reads a float as the decimal that people wrote.
func exact(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// complement is 1 less a ratio: 0.001 for 0.999.
func complement(ratio float64) float64 {
	f, _ := new(big.Rat).Sub(big.NewRat(1, 1), exact(ratio)).Float64()
	return f
}

// digits is how many decimals a ratio has as a percentage: 1 for 0.999. Left to itself, Grafana
// shows two of three digits, and 99.95% as 100%.
func digits(ratio float64) int {
	_, fraction, _ := strings.Cut(strings.TrimSuffix(percent(ratio), "%"), ".")
	return len(fraction)
}

// percent writes a ratio as a percentage: 99.9%.
func percent(ratio float64) string {
	text := new(big.Rat).Mul(exact(ratio), big.NewRat(100, 1)).FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}
