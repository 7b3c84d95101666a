package sloflags

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// A duration is the value of a flag, in which days and weeks are allowed.
type duration time.Duration

var longUnits = regexp.MustCompile(`^(?:(\d+)w)?(?:(\d+)d)?(.*)$`)

// ParseDuration parses a Go duration that may be preceded by weeks and days, such as 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("duration %q: want one such as 90s, 1h30m, 30d or 1d12h", text)
	m := longUnits.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || len(text) > 40 {
		return 0, wrong
	}
	var all time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour} {
		if m[i+1] != "" {
			n, err := strconv.Atoi(m[i+1])
			if err != nil || n > 36500 {
				return 0, wrong
			}
			all += time.Duration(n) * unit
		}
	}
	if m[3] == "" && (m[1] != "" || m[2] != "") {
		return all, nil
	}
	rest, err := time.ParseDuration(m[3])
	if err != nil || rest < 0 {
		return 0, wrong
	}
	return all + rest, nil
}

func (d *duration) Set(text string) error {
	parsed, err := ParseDuration(text)
	*d = duration(parsed)
	return err
}

func (d *duration) String() string { return rules.Duration(time.Duration(*d)) }

func (d *duration) Type() string { return "duration" }

// DurationVar defines a duration flag that also accepts days and weeks.
func DurationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var((*duration)(p), name, usage)
}
