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

// An environment reads variables, collects what is wrong with them, and keeps what it has read for
// [Check]. An empty variable counts as unset, as the OpenTelemetry specification says. The zero
// value has no variables.
type environment struct {
	lookup   func(string) (string, bool)
	all      func() []string // "NAME=value" each
	problems []error
	notes    []string // for the log: aliases used, and variables without effect

	readings []reading               // by setting, in the order of the first read
	files    map[string]fileContents // by the variable naming the file
	secrets  []string                // values that must not be shown
}

func processEnvironment() environment {
	return environment{lookup: os.LookupEnv, all: os.Environ}
}

// text returns the value and the name of the first of the variables that is set. If none is, it
// tries their aliases from older systems. A secret may also be in a file, named by the variable
// with the suffix _FILE.
//
// The last name is that of the setting in [Check].
func (e *environment) text(names ...string) (value, name string) {
	return e.first(names, nil)
}

// aliased returns the value of a variable or, if it is unset, of its alias from an older system.
func (e *environment) aliased(name, older string) (value, from string) {
	return e.first([]string{name}, []alias{{name: older}})
}

// first returns the value of the first name that is set, else of the first alias, and records all
// of them.
func (e *environment) first(names []string, more []alias) (value, from string) {
	setting := names[len(names)-1]
	r := reading{setting: setting}
	for _, name := range names {
		r.offer(e.ownOrFile(name))
	}
	for _, a := range append(aliasesOf(names), more...) {
		e.offerAlias(&r, a)
	}
	e.keep(r)
	return r.value, r.from
}

// own returns the trimmed value of one variable and its name, or "" for both if it is unset.
func (e *environment) own(name string) (value, from string) {
	if e.lookup == nil {
		return "", ""
	}
	v, _ := e.lookup(name)
	if v = strings.TrimSpace(v); v == "" {
		return "", ""
	}
	if isSecret(name) {
		e.conceal(name, v)
	}
	return v, name
}

// parse passes the value of the first variable that is set to f, whose error becomes a problem of
// that variable.
func (e *environment) parse(f func(string) error, names ...string) {
	value, name := e.text(names...)
	if name == "" {
		return
	}
	if err := f(value); err != nil {
		e.refused(name, value, err)
	}
}

// refused turns a parser's error into a problem; most parsers say what they want.
func (e *environment) refused(name, value string, err error) {
	if field, ok := errors.AsType[*otelsli.FieldError](err); ok {
		_, part, _ := strings.Cut(field.Field, ": ") // such as "member 1" of "headers: member 1"
		e.problem(&otelsli.FieldError{Field: joined("variable "+name, part), Value: e.scrub(field.Value), Want: e.scrub(field.Want)})
		return
	}
	_, want, ok := strings.Cut(err.Error(), "want ")
	if !ok {
		want = "another one: " + err.Error()
	}
	e.wrong(name, value, "%s", e.scrub(want))
}

// joined joins the non-empty parts with colons.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

func (e *environment) wrong(name, value, want string, args ...any) {
	shown := strconv.Quote(value)
	if isSecret(name) {
		shown = notShown
	}
	e.problem(&otelsli.FieldError{Field: "variable " + name, Value: shown, Want: fmt.Sprintf(want, args...)})
}

// problem records an error once, although a variable may be read several times.
func (e *environment) problem(err error) {
	if !slices.ContainsFunc(e.problems, func(other error) bool { return other.Error() == err.Error() }) {
		e.problems = append(e.problems, err)
	}
}

// note records a line for the log, once.
func (e *environment) note(format string, args ...any) {
	if text := "otelsli: " + fmt.Sprintf(format, args...); !slices.Contains(e.notes, text) {
		e.notes = append(e.notes, text)
	}
}

// boolean accepts "true" and "false" only, in any case.
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

// milliseconds returns 0 if no variable is set.
func (e *environment) milliseconds(names ...string) time.Duration {
	return e.millisecondsFrom(1, names...)
}

func (e *environment) millisecondsFrom(least int64, names ...string) time.Duration {
	text, name := e.text(names...)
	if name == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > int64(24*time.Hour/time.Millisecond) {
		e.wrong(name, text, "a whole number of milliseconds from %d to a day, such as 60000", least)
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// list splits at commas and rejects items that are not known values. Case is ignored, as the
// specification requires for enumerations.
func (e *environment) list(name string, known []string) []string {
	text, from := e.text(name)
	return e.items(from, text, known)
}

// items is list for a text that has already been read.
func (e *environment) items(from, text string, known []string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		switch value := strings.ToLower(item); {
		case item == "":
		case !slices.Contains(known, value):
			e.wrong(from, item, "a list of %s", strings.Join(known, ", "))
		case slices.Contains(list, value):
			e.wrong(from, text, "%s only once", value)
		default:
			list = append(list, value)
		}
	}
	if from != "" && len(split(text)) == 0 {
		e.wrong(from, text, "a list of %s", strings.Join(known, ", "))
	}
	return list
}

func (e *environment) err() error { return errors.Join(e.problems...) }
