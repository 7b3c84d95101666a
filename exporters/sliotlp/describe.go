package sliotlp

import (
	"maps"
	"slices"
	"time"
)

// A Description is the resolved configuration of an exporter: its options, and the defaults of the
// others. It holds no secrets.
type Description struct {
	Protocol    Protocol
	Endpoint    string   // the URL that metrics are sent to, with its path
	Headers     []string // the names, sorted
	Compression Compression
	Temporality Temporality
	Histograms  HistogramAggregation

	// CA, Certificate and Key are the files of [WithTLSFiles]; "" if there is none. TLSConfig reports
	// whether [WithTLSConfig] is set.
	CA, Certificate, Key string
	TLSConfig            bool

	Timeout        time.Duration
	Retry          Retry // the zero Retry: every request is a single attempt
	MaxRequestSize int   // in bytes
}

// Describe returns the configuration that [New] would use for these options. Its error is that of
// [Validate]; the Description is then the zero value.
func Describe(options ...Option) (Description, error) {
	p, err := newConfig(options).plan()
	if err != nil {
		return Description{}, err
	}
	d := Description{
		Protocol:       p.protocol,
		Endpoint:       p.url.String(),
		Headers:        slices.Sorted(maps.Keys(p.headers)),
		Compression:    p.compression,
		Temporality:    p.temporality,
		Histograms:     p.histograms,
		CA:             p.files.ca,
		Certificate:    p.files.cert,
		Key:            p.files.key,
		TLSConfig:      p.config.tls != nil,
		Timeout:        p.timeout,
		MaxRequestSize: p.maxRequest,
	}
	if !p.noRetry {
		d.Retry = p.retry
	}
	return d, nil
}
