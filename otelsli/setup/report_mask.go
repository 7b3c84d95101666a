package setup

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

// masked replaces a secret.
const masked = "xxxxx"

// maskValue returns the text of a setting as it may be shown: only the names of headers, nothing of
// other secrets, and URLs without user, password and query.
func maskValue(name, text string) string {
	switch {
	case text == "":
		return ""
	case strings.HasSuffix(name, "HEADERS"):
		return maskHeaders(text)
	case isSecret(name):
		return masked
	case strings.HasSuffix(name, "ENDPOINT") || strings.Contains(text, "://"):
		return maskURLs(text)
	}
	return text
}

func maskHeaders(text string) string {
	headers, err := sliotlp.ParseHeaders(text)
	if err != nil {
		return masked
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		parts = append(parts, strings.ToLower(name)+"="+masked)
	}
	return strings.Join(parts, ",")
}

// maskURLs hides what may be secret in each URL of a list.
func maskURLs(text string) string {
	items := strings.Split(text, ",")
	for i, item := range items {
		items[i] = maskURL(item)
	}
	return strings.Join(items, ",")
}

// maskQuoted is maskURLs for a text that may be in quotes.
func maskQuoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return strconv.Quote(maskURLs(plain))
	}
	return maskURLs(text)
}

// maskURL hides what may be secret in one URL, with or without a scheme.
func maskURL(text string) string {
	scheme, rest := "", text
	if before, after, ok := strings.Cut(text, "://"); ok && !strings.ContainsAny(before, "@?#") {
		scheme, rest = before+"://", after
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = masked + rest[i:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i+1] + masked
	}
	return scheme + rest
}
