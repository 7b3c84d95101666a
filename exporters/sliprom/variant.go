package sliprom

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
)

// A variant is the response that a client asks for, negotiated as in promhttp.
type variant struct {
	format expfmt.Format // with its scheme for escaping names
	kind   expfmt.FormatType
	gzip   bool
	names  map[string]bool // of the families it selects; nil: all
}

func variantFor(r *http.Request) variant {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	return variant{format: format, kind: format.FormatType(), gzip: prefersGzip(r.Header), names: wantedNames(r)}
}

// form returns the form in which to collect the SLIs.
func (v *variant) form() form {
	switch v.kind {
	case expfmt.TypeOpenMetrics:
		return asLinesWithExemplars
	case expfmt.TypeTextPlain:
		return asLines
	default:
		return asFamilies
	}
}

func (v *variant) notation() notation {
	if v.kind == expfmt.TypeOpenMetrics {
		return openMetrics
	}
	return plainText
}

func (v *variant) wants(name string) bool { return v.names == nil || v.names[name] }

// wantedNames returns the values of the query parameter name[], nil if there are none.
func wantedNames(r *http.Request) map[string]bool {
	if r.URL == nil || r.URL.RawQuery == "" {
		return nil
	}
	list := r.URL.Query()["name[]"]
	if len(list) == 0 {
		return nil
	}
	names := make(map[string]bool, len(list))
	for _, name := range list {
		names[name] = true
	}
	return names
}

// prefersGzip reports whether the client prefers gzip to no compression.
func prefersGzip(header http.Header) bool {
	return codingQuality(header, "gzip") > max(codingQuality(header, "identity"), 0)
}

// codingQuality returns the quality that an Accept-Encoding header gives a coding, negative if it
// does not name it.
func codingQuality(header http.Header, coding string) float64 {
	best := -1.0
	for _, line := range header["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			name, parameter, _ := strings.Cut(item, ";")
			name = strings.TrimSpace(name)
			if name == coding || name == "*" {
				best = max(best, quality(parameter))
			}
		}
	}
	return best
}

// quality parses a parameter such as q=0.5. It returns 1 if there is none, and a negative value if
// it is malformed.
func quality(parameter string) float64 {
	if parameter = strings.TrimSpace(parameter); parameter == "" {
		return 1
	}
	text, ok := strings.CutPrefix(parameter, "q=")
	q, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || !(q >= 0 && q <= 1) { // also rejects NaN
		return -1
	}
	return q
}
