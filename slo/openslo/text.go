package openslo

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxLabel is the longest DNS label, which names of objects are.
const maxLabel = 63

var notInLabels = regexp.MustCompile(`[^a-z0-9]+`)

// dnsLabel makes a name fit for an object. What is too long is cut, and told apart by a hash.
func dnsLabel(name string) string {
	label := strings.Trim(notInLabels.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(label) <= maxLabel {
		return label
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(label[:maxLabel-9], "-") + "-" + hex.EncodeToString(sum[:])[:8]
}

// cut shortens text to so many characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// A decimal is a number that is written digit by digit, as an encoder of floats would not.
type decimal string

// MarshalYAML writes the digits as a plain number.
func (d decimal) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: string(d)}, nil
}

// ratio writes a ratio as the shortest decimal that reads back to it.
func ratio(f float64) decimal { return decimal(strconv.FormatFloat(f, 'f', -1, 64)) }

// percent is the same with the point two places further on: 99.9 for 0.999.
func percent(f float64) decimal {
	text := string(ratio(f))
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return decimal(text)
	}
	_, fraction, _ := strings.Cut(text, ".")
	text = r.Mul(r, big.NewRat(100, 1)).FloatString(len(fraction))
	return decimal(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}

// shorthand writes a duration as OpenSLO has it: one number and one unit.
func shorthand(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}} {
		if d%unit.size == 0 {
			return strconv.FormatInt(int64(d/unit.size), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(d/time.Minute), 10) + "m"
}
