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

// maxLabel is the maximum length of a DNS label, which object names are.
const maxLabel = 63

var notInLabels = regexp.MustCompile(`[^a-z0-9]+`)

// dnsLabel turns a name into a DNS label. Long names are truncated and made unique by a hash.
func dnsLabel(name string) string {
	label := strings.Trim(notInLabels.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(label) <= maxLabel {
		return label
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(label[:maxLabel-9], "-") + "-" + hex.EncodeToString(sum[:])[:8]
}

// cut truncates text to a number of characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// A decimal is a number in the exact digits to write, which an encoder of floats might change.
type decimal string

// MarshalYAML writes the digits as a plain number.
func (d decimal) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: string(d)}, nil
}

// ratio formats a ratio as the shortest decimal that parses back to it.
func ratio(f float64) decimal { return decimal(strconv.FormatFloat(f, 'f', -1, 64)) }

// percent formats a ratio as an exact percentage: 99.9 for 0.999.
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

// shorthand formats a duration as OpenSLO requires: one number and one unit.
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
