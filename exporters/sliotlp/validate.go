package sliotlp

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A plan is a validated configuration.
type plan struct {
	config
	url *url.URL
	tls *tls.Config // nil: the defaults
}

// plan validates everything and returns all problems.
func (c config) plan() (plan, error) {
	var errs []error
	report := func(field, value, want string) {
		errs = append(errs, &otelsli.FieldError{Field: "OTLP exporter: " + field, Value: value, Want: want})
	}
	c.checkEnums(report)
	field, value, u, want := c.target()
	if want != "" {
		report(field, masked(value), want)
	}
	c.checkHeaders(report)
	p := plan{config: c, url: u, tls: c.tlsConfig(report)}
	if want == "" && u.Scheme == "http" && (c.tls != nil || c.files != tlsFiles{}) {
		report(field, masked(value), "https, or neither WithTLSConfig nor WithTLSFiles")
	}
	if c.timeout <= 0 {
		report("WithTimeout", c.timeout.String(), "a positive duration, such as 10s")
	}
	if c.maxRequest < MinMaxRequestSize {
		report("WithMaxRequestSize", strconv.Itoa(c.maxRequest), fmt.Sprintf("a number of bytes, %d or more", MinMaxRequestSize))
	}
	p.retry = c.retry.withDefaults()
	p.retry.check(report)
	return p, errors.Join(errs...)
}

func (c config) checkEnums(report func(field, value, want string)) {
	for _, e := range []struct {
		field string
		value fmt.Stringer
		n     uint8
		names []string
	}{
		{"WithProtocol", c.protocol, uint8(c.protocol), protocolNames},
		{"WithCompression", c.compression, uint8(c.compression), compressionNames},
		{"WithTemporality", c.temporality, uint8(c.temporality), temporalityNames},
		{"WithHistogramAggregation", c.histograms, uint8(c.histograms), histogramNames},
	} {
		if int(e.n) >= len(e.names) {
			report(e.field, e.value.String(), "that of "+oneOf(e.names))
		}
	}
}

func (r Retry) withDefaults() Retry {
	return Retry{
		Initial:    cmp.Or(r.Initial, defaultRetry.Initial),
		Max:        cmp.Or(r.Max, max(defaultRetry.Max, r.Initial)),
		MaxElapsed: cmp.Or(r.MaxElapsed, defaultRetry.MaxElapsed),
	}
}

func (r Retry) check(report func(field, value, want string)) {
	for _, f := range []struct {
		name  string
		value time.Duration
	}{{"Initial", r.Initial}, {"Max", r.Max}, {"MaxElapsed", r.MaxElapsed}} {
		if f.value < 0 {
			report("WithRetry: "+f.name, f.value.String(), "a positive duration, or 0 for the default")
		}
	}
	if r.Max > 0 && r.Initial > r.Max {
		report("WithRetry: Initial", r.Initial.String(), "no more than Max, which is "+r.Max.String())
	}
}
