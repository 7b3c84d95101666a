package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestGraphiteIntoInfluxDBOverTLS(t *testing.T) {
	t.Parallel()
	Require(t, InfluxDB)
	authority := faults.NewAuthority(t)
	influx := StartInfluxDB(t, authority)
	r := lineReceiver{
		format: line.OpenTSDB, address: "tls://" + influx.Secured, name: Point.Series,
		values: func() (map[string]float64, error) { return influx.Values("last") },
	}
	s := newStore(t)
	config := r.config()
	config.TLS = authority.Client()
	s.start(t, config)
	s.recordAll(t)
	s.flush(t)
	s.shutdown(t)
	r.holds(t)
}

// A receiver that is not trusted gets nothing, and nothing is lost: the right CA delivers it.
func TestGraphiteWithTheWrongCA(t *testing.T) {
	t.Parallel()
	Require(t, InfluxDB)
	right, wrong := faults.NewAuthority(t), faults.NewAuthority(t)
	influx := StartInfluxDB(t, right)
	config := graphitebridge.Config{
		Servers:    []string{"tls://" + influx.Secured},
		Line:       line.Config{Format: line.OpenTSDB, Instance: "one"},
		Increments: true,
		TLS:        wrong.Client(),
	}
	s := newStore(t)
	s.start(t, config, setup.WithTimeout(2*time.Second)) // of each attempt, the one at the start included
	s.record(t, otelsli.Counts{otelsli.Failed: 3, otelsli.Success: 4})
	for _, err := range []error{s.flushWithin(t, 3*time.Second), s.shutdownWithin(t, 3*time.Second)} {
		if err == nil {
			t.Fatal("lines were delivered to a receiver that is not trusted")
		}
		for _, want := range []string{"tls://" + influx.Secured, "certificate", "unknown authority"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error lacks %q: %v", want, err)
			}
		}
	}
	config.TLS = right.Client()
	s.start(t, config)
	s.record(t, otelsli.Counts{otelsli.Failed: 2})
	s.flush(t)
	s.shutdown(t)
	tags := `{channel="web",instance="one",service.name="store"}`
	Eventually(t, answerLimit, func() error {
		got, err := influx.Values("sum")
		if err != nil {
			return err
		}
		return compareTotals(got, map[string]float64{"sli.checkout.total" + tags: 9, "sli.checkout.error.total" + tags: 5})
	})
}
