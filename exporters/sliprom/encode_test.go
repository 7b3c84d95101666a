package sliprom

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A float histogram has no place in OpenMetrics; the other formats take it.
func TestAFamilyThatCannotBeEncodedIsDroppedAlone(t *testing.T) {
	t.Parallel()
	float := &dto.MetricFamily{Name: new("float"), Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{{
		Histogram: &dto.Histogram{SampleCountFloat: new(1.5), SampleSum: new(2.0), Bucket: []*dto.Bucket{{UpperBound: new(1.0)}}},
	}}}
	var log bytes.Buffer
	s := newShop(t)
	e := open(t, s.catalog, WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		WithGatherers(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			return []*dto.MetricFamily{float, counterFamily("good_total", counterOf(2))}, nil
		})))
	s.sell(t)

	body := get(t, e.Handler(), acceptOpenMetrics)
	if strings.Contains(body, "float") || !strings.Contains(body, "good_total 2.0\n") ||
		!strings.Contains(body, goldTotal+" 10.0\n") || strings.Count(body, "# EOF") != 1 {
		t.Errorf("OpenMetrics:\n%s", body)
	}
	if !strings.Contains(log.String(), "family=float") {
		t.Errorf("logged %q", &log)
	}
	if got := decode(t, get(t, e.Handler(), acceptProtobuf)); len(flatten(got).only("float")) != 1 {
		t.Error("protobuf lacks the float histogram")
	}
	scraped(t, e.Handler()).want(t, samples{problemCount(encodeFailed): 1})
}

func TestFilterByName(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics?name[]=sli_pay_total", nil))
	want := "# HELP sli_pay_total Events that count for the error rate.\n# TYPE sli_pay_total counter\nsli_pay_total 0\n"
	if got := w.Body.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever an encoder does, the SLIs get out: here it panics at what validation cannot see.
func TestEncoderPanic(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog)
	scrape := e.newScrape()
	scrape.collect(asLines, true, e.config.siblingTimeout)
	scrape.families = append(scrape.families, counterFamily("broken_total", nil))
	out := newResponse(0)
	want := variantFor(httptest.NewRequest(http.MethodGet, "/metrics", nil))
	scrape.render(out, &want)
	if got := string(out.body); !strings.Contains(got, "sli_pay_total 0\n") || strings.Contains(got, "broken") {
		t.Errorf("got:\n%s", got)
	}
}
