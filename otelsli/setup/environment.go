package setup

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// An environment reads variables and collects what is wrong with them. An empty variable is an
// unset one, as the OpenTelemetry specification says. The zero value has no variables.
type environment struct {
	lookup   func(string) (string, bool)
	problems []error
	notes    []string // aliases that were used
}

func processEnvironment() environment { return environment{lookup: os.LookupEnv} }

// text returns the value of the first of the variables that is set, and its name.
func (e *environment) text(names ...string) (value, name string) {
	if e.lookup == nil {
		return "", ""
	}
	for _, name := range names {
		if v, _ := e.lookup(name); strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v), name
		}
	}
	return "", ""
}

// aliased returns the value of a variable or, where that is unset, of its alias from an older
// system.
func (e *environment) aliased(name, alias string) (value, from string) {
	if value, from = e.text(name); from != "" {
		return value, from
	}
	if value, from = e.text(alias); from != "" {
		e.note(alias, name)
	}
	return value, from
}

func (e *environment) note(alias, name string) {
	e.notes = append(e.notes, fmt.Sprintf("otelsli: variable %s is an alias of %s, which is better", alias, name))
}

// metricsEnabled reads METRICS_ENABLED, in the spellings that the systems before had for it.
func (e *environment) metricsEnabled() bool {
	text, name := e.text("METRICS_ENABLED")
	switch strings.ToLower(text) {
	case "", "false", "0", "no", "off", "f", "n":
		return false
	case "true", "1", "yes", "on", "t", "y":
		e.note(name, "OTEL_METRICS_EXPORTER=graphite")
		return true
	}
	e.wrong(name, text, "true or false")
	return false
}

// parse hands the value of the first of the variables that is set to f, whose error becomes a
// problem of that variable.
func (e *environment) parse(f func(string) error, names ...string) {
	value, name := e.text(names...)
	if name == "" {
		return
	}
	if err := f(value); err != nil {
		e.problems = append(e.problems, fmt.Errorf("setup: variable %s: %w", name, err))
	}
}

func (e *environment) wrong(name, value, want string, args ...any) {
	e.problems = append(e.problems, &otelsli.FieldError{
		Field: "variable " + name,
		Value: strconv.Quote(value),
		Want:  fmt.Sprintf(want, args...),
	})
}

// boolean is true for "true" alone and false for "false", in any case.
func (e *environment) boolean(names ...string) (value, set bool) {
	text, name := e.text(names...)
	switch strings.ToLower(text) {
	case "":
		return false, false
	case "true":
		return true, true
	case "false":
		return false, true
	}
	e.wrong(name, text, "true or false")
	return false, false
}

// milliseconds returns 0 where no variable is set.
func (e *environment) milliseconds(names ...string) time.Duration {
	text, name := e.text(names...)
	if name == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > int64(24*time.Hour/time.Millisecond) {
		e.wrong(name, text, "a whole number of milliseconds from 1 to a day, such as 60000")
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// list splits at commas and refuses what is not among the known values.
func (e *environment) list(name string, known []string) []string {
	text, _ := e.text(name)
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		switch item = strings.TrimSpace(item); {
		case item == "":
		case !slices.Contains(known, item):
			e.wrong(name, item, "a list of %s", strings.Join(known, ", "))
		case slices.Contains(list, item):
			e.wrong(name, text, "%s only once", item)
		default:
			list = append(list, item)
		}
	}
	return list
}

func (e *environment) err() error { return errors.Join(e.problems...) }
