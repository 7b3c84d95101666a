package declarative

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/contrib/otelconf"
)

// redact hides header values, which include tokens, and the secret parts of endpoints in a text
// from otelconf.
func redact(text string, file *otelconf.OpenTelemetryConfiguration) string {
	var secrets []string
	for _, value := range texts(file, func(field string) bool { return strings.HasPrefix(field, "Headers") }) {
		secrets = append(secrets, headerValues(value)...)
	}
	for _, endpoint := range texts(file, func(field string) bool { return field == "Endpoint" }) {
		secrets = append(secrets, endpointSecrets(endpoint)...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, s := range secrets {
		quoted := strconv.Quote(s)
		text = strings.NewReplacer(s, "…", quoted[1:len(quoted)-1], "…").Replace(text)
	}
	return text
}

// endpointSecrets returns the user and the query of a URL, even of one that cannot be parsed.
func endpointSecrets(endpoint string) (secrets []string) {
	if _, rest, ok := strings.Cut(endpoint, "://"); ok {
		endpoint = rest
	}
	if i := strings.LastIndex(endpoint, "@"); i > 0 {
		secrets = append(secrets, endpoint[:i])
	}
	if i := strings.IndexAny(endpoint, "?#"); i >= 0 && i+1 < len(endpoint) {
		secrets = append(secrets, endpoint[i+1:])
	}
	return secrets
}

var quoted = regexp.MustCompile("`[^`]*`")

// withoutValues hides what a YAML parser quotes from the file: the parser also names the line, and
// knows nothing about secrets.
func withoutValues(text string) string { return quoted.ReplaceAllString(text, "`…`") }

// headerValues splits a list key=value,…, because a text may contain part of it.
func headerValues(text string) []string {
	values := []string{text}
	for member := range strings.SplitSeq(text, ",") {
		if _, value, ok := strings.Cut(member, "="); ok && strings.TrimSpace(value) != "" {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}

// texts returns the strings in and below the fields with those names, except the names of headers
// and attributes.
func texts(file *otelconf.OpenTelemetryConfiguration, fields func(name string) bool) (found []string) {
	var collect func(v reflect.Value, wanted bool)
	collect = func(v reflect.Value, wanted bool) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			collect(v.Elem(), wanted)
		case reflect.Slice:
			for i := range v.Len() {
				collect(v.Index(i), wanted)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				collect(v.Field(i), (wanted || fields(name)) && name != "Name")
			}
		case reflect.String:
			if wanted && v.Len() > 0 {
				found = append(found, v.String())
			}
		}
	}
	collect(reflect.ValueOf(file), false)
	return found
}
