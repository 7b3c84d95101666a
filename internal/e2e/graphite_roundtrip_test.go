package e2e

import (
	"testing"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// roundTrip exports everything and reads it back.
func roundTrip(t *testing.T, r lineReceiver) {
	t.Helper()
	s := newStore(t)
	s.start(t, r.config())
	s.recordAll(t)
	s.flush(t)
	s.flush(t) // once more, with what the bridge says of itself
	s.shutdown(t)
	r.holds(t)
}

func TestGraphiteIntoCarbon(t *testing.T) {
	t.Parallel()
	carbon := StartCarbon(t)
	values := func() (map[string]float64, error) {
		all, err := carbon.Values()
		newest := make(map[string]float64)
		for name, v := range all {
			newest[name] = v[len(v)-1]
		}
		return newest, err
	}
	for _, r := range []lineReceiver{
		{format: line.Graphite, name: plainName},
		{format: line.GraphiteTagged, name: taggedName},
	} {
		t.Run(r.format.String(), func(t *testing.T) {
			t.Parallel()
			r.address, r.values = "tcp://"+carbon.Lines, values
			roundTrip(t, r)
		})
	}
}

func TestGraphiteIntoVictoriaMetrics(t *testing.T) {
	t.Parallel()
	victoria := StartVictoriaMetrics(t)
	values := func() (map[string]float64, error) { return victoria.Values(`{__name__!=""}`) }
	for _, r := range []lineReceiver{
		{format: line.Graphite, address: victoria.Graphite, name: plainName},
		{format: line.GraphiteTagged, address: victoria.Graphite, name: Point.Series},
		{format: line.OpenTSDB, address: victoria.OpenTSDB, name: Point.Series},
	} {
		t.Run(r.format.String(), func(t *testing.T) {
			t.Parallel()
			r.address, r.values = "tcp://"+r.address, values
			roundTrip(t, r)
		})
	}
	t.Run("PromQL", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.start(t, graphitebridge.Config{
			Servers: []string{"tcp://" + victoria.Graphite},
			Line:    line.Config{Format: line.GraphiteTagged, Prefix: "by-promql", Instance: "one"},
		})
		s.recordAll(t)
		s.flush(t)
		s.shutdown(t)
		victoria.eventually(t, `{__name__="by-promql.sli.checkout.error.total",channel="web"} / {__name__="by-promql.sli.checkout.total",channel="web"}`, 45.0/145)
		victoria.eventually(t, `{__name__="by-promql.latency.bucket",le="5"}`, 2)
	})
}
