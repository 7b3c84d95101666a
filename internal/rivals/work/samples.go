package work

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// samples returns the samples of the SLI in a response, as sorted lines of text.
func samples(response *http.Response) string {
	defer func() { _ = response.Body.Close() }()
	var body io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		body = must(gzip.NewReader(body))
	}
	var lines []string
	if format := expfmt.ResponseFormat(response.Header); format.FormatType() == expfmt.TypeProtoDelim {
		lines = decoded(expfmt.NewDecoder(body, format))
	} else {
		lines = written(string(must(io.ReadAll(body))))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// written returns the lines of text that are samples of the SLI. Integers have no fraction.
func written(text string) (lines []string) {
	for line := range strings.Lines(text) {
		series, number, ok := strings.Cut(strings.TrimSpace(line), "} ")
		if !ok || !strings.HasPrefix(series, counterNames[len(counterNames)-1][:len("sli_place_order")]) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s} %.0f", series, must(strconv.ParseFloat(number, 64))))
	}
	return lines
}

// decoded returns the same of the protobuf format.
func decoded(d expfmt.Decoder) (lines []string) {
	for {
		var family dto.MetricFamily
		err := d.Decode(&family)
		if errors.Is(err, io.EOF) {
			return lines
		}
		mustDo(err)
		if !strings.HasPrefix(family.GetName(), "sli_place_order") {
			continue
		}
		for _, m := range family.Metric {
			var pairs []string
			for _, l := range m.Label {
				pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			lines = append(lines, fmt.Sprintf("%s{%s} %.0f", family.GetName(), strings.Join(pairs, ","), m.GetCounter().GetValue()))
		}
	}
}
