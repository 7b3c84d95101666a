package sliprom

import (
	"fmt"
	"io"
	"net/http"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// encodeErrors notes that promhttp has had an error to log: that of a family that it could not
// encode, of which it may have written a part.
type encodeErrors struct{ any bool }

// Println implements promhttp.Logger.
func (e *encodeErrors) Println(...any) { e.any = true }

// render writes the result as r asks for it. If a family cannot be encoded, everything is encoded
// once more without it.
func (s *scrape) render(out *response, r *http.Request) {
	if s.encode(out, r) {
		return
	}
	s.dropUnencodable(r)
	out.reset()
	if !s.encode(out, r) {
		out.reset()
		http.Error(out, "the metrics cannot be encoded", http.StatusInternalServerError)
	}
}

// encode reports whether all families could be encoded.
func (s *scrape) encode(out *response, r *http.Request) (ok bool) {
	s.errors.any = false
	defer func() {
		if recover() != nil {
			ok = false // what panicked, dropUnencodable finds and reports
		}
	}()
	s.handler.ServeHTTP(out, r)
	return !s.errors.any
}

// dropUnencodable finds the families that cannot be encoded as r asks for it.
func (s *scrape) dropUnencodable(r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	s.families = slices.DeleteFunc(s.families, func(f *dto.MetricFamily) bool {
		err := encodable(f, format)
		if err != nil {
			s.exporter.problems.report(encodeFailed, "", f.GetName(), err)
		}
		return err != nil
	})
}

// encodable encodes f alone, for its error.
func encodable(f *dto.MetricFamily, format expfmt.Format) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("encoding panicked: %v", r)
		}
	}()
	return expfmt.NewEncoder(io.Discard, format).Encode(f)
}
