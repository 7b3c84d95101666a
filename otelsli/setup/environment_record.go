package setup

import (
	"net/url"
	"slices"
	"strings"
)

// A reading is the value of one setting, from the environment or from an option that overrides it.
type reading struct {
	setting string
	value   string
	from    string // the variable; "" if none is set
	option  string // the option in code that overrides the environment
	beaten  []string
}

// offer sets the value if there is none yet. Its arguments are the results of a lookup.
func (r *reading) offer(value, from string) {
	switch {
	case from == "":
	case r.from == "":
		r.value, r.from = value, from
	default:
		r.beaten = append(r.beaten, from)
	}
}

// keep records a reading. It replaces an earlier one of the same setting, unless an option has
// decided that.
func (e *environment) keep(r reading) {
	i := slices.IndexFunc(e.readings, func(other reading) bool { return other.setting == r.setting })
	switch {
	case i < 0:
		e.readings = append(e.readings, r)
	case e.readings[i].option == "":
		e.readings[i] = r
	}
}

// decided records that an option in code, or a variable that implies it, decides a setting. names
// are the variables it overrides; the last one is that of the setting.
func (e *environment) decided(option, value string, names ...string) {
	r := reading{setting: names[len(names)-1]}
	for _, name := range names {
		r.offer(e.own(name))
	}
	if r.from != "" {
		r.beaten = append([]string{r.from}, r.beaten...)
	}
	r.value, r.from, r.option = value, "", option
	e.readings = slices.DeleteFunc(e.readings, func(other reading) bool { return other.setting == r.setting })
	e.readings = append(e.readings, r)
}

// minSecret is the length below which a secret may be a word that appears in any text.
const minSecret = 6

// conceal records what no output may show: the value and, for headers, each header value.
func (e *environment) conceal(name, value string) {
	parts := append(strings.Split(value, ","), value) // a list of tokens, or one with a comma in it
	if strings.HasSuffix(name, "HEADERS") {
		parts = nil
		for member := range strings.SplitSeq(value, ",") {
			_, v, _ := strings.Cut(member, "=")
			parts = append(parts, strings.TrimSpace(v))
			if decoded, err := url.PathUnescape(v); err == nil {
				parts = append(parts, strings.TrimSpace(decoded))
			}
		}
	}
	for _, part := range parts {
		if _, credential, ok := strings.Cut(part, " "); ok { // as in "Basic …" and "Bearer …"
			e.addSecret(credential)
		}
		e.addSecret(part)
	}
}

func (e *environment) addSecret(text string) {
	if text = strings.TrimSpace(text); len(text) >= minSecret && !slices.Contains(e.secrets, text) {
		e.secrets = append(e.secrets, text)
	}
}

// scrub masks the secrets in foreign text, such as the answer of a server.
func (e *environment) scrub(text string) string {
	for _, secret := range slices.SortedFunc(slices.Values(e.secrets), func(a, b string) int { return len(b) - len(a) }) {
		text = strings.ReplaceAll(text, secret, masked)
	}
	return text
}
