package sliotlp

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/otelsli/otelsli-go/otelsli"
)

// ParseHeaders parses a value of OTEL_EXPORTER_OTLP_HEADERS: "key=value,key2=value2", with values
// percent-encoded where necessary; a comma always must be. Space around keys and values, and empty
// members, are dropped. It returns all errors joined, each an [otelsli.FieldError] that names the
// key or the position, never the value.
func ParseHeaders(text string) (map[string]string, error) {
	headers := make(map[string]string)
	seen := make(map[string]bool)
	var errs []error
	for i, member := range strings.Split(text, ",") {
		if strings.TrimSpace(member) == "" {
			continue
		}
		key, value, want := parseHeader(member)
		lower := strings.ToLower(key)
		if want == "" && seen[lower] {
			want = "each key once"
		}
		if want != "" {
			errs = append(errs, &otelsli.FieldError{
				Field: fmt.Sprintf("headers: member %d", i+1),
				Value: cmp.Or(quoteKey(key), "text that is not shown"),
				Want:  want,
			})
			continue
		}
		headers[key], seen[lower] = value, true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return headers, nil
}

// parseHeader parses one member. If that is wrong, want says what would be right.
func parseHeader(member string) (key, value, want string) {
	key, value, ok := strings.Cut(member, "=")
	if !ok {
		return "", "", "key=value; a comma within a value is written %2C"
	}
	key = strings.TrimSpace(key)
	if !httpguts.ValidHeaderFieldName(key) {
		return key, "", "a key that is a header name"
	}
	value, err := url.PathUnescape(strings.TrimSpace(value))
	if err != nil {
		return key, "", "a value that is percent-encoded; a percent sign is written %25"
	}
	return key, strings.TrimSpace(value), ""
}

func quoteKey(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf("that of %.60q", key)
}

// Headers that are reserved for the protocols.
var (
	reservedHTTP = []string{"content-encoding", "content-length", "content-type", "connection", "host", "transfer-encoding"}
	reservedGRPC = []string{"content-type", "te", "user-agent"}
)

// checkHeaders reports headers that cannot be sent, by name only.
func (c config) checkHeaders(report func(field, value, want string)) {
	seen := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(c.headers)) {
		want := c.wantHeader(strings.ToLower(name), c.headers[name])
		if want == "" && seen[strings.ToLower(name)] {
			want = "each name once, for upper and lower case are the same"
		}
		seen[strings.ToLower(name)] = true
		if want != "" {
			report("WithHeaders", quoteKey(name), want)
		}
	}
}

func (c config) wantHeader(name, value string) string {
	reserved := reservedHTTP
	if c.protocol == GRPC {
		reserved = reservedGRPC
	}
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return `a header name, such as "authorization"`
	case slices.Contains(reserved, name):
		return "another name: this one is set by the protocol"
	case c.protocol == GRPC && strings.HasPrefix(name, "grpc-"):
		return `a name that does not start with "grpc-", which gRPC keeps for itself`
	case c.protocol == GRPC && strings.HasSuffix(name, "-bin"):
		return `a name that does not end in "-bin", for the value is text`
	case c.protocol == GRPC && strings.ContainsAny(name, "!#$%&'*+^`|~"):
		return `a name of letters, digits, "-", "_" and ".", as gRPC has it`
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
		return "a value of printable ASCII, on one line"
	}
	return ""
}
