package e2e

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// graphiteRows are the faults of a receiver of lines. It answers nothing, so that it has no status and no token.
func graphiteRows() []row {
	const cut = `reset by peer|broken pipe|EOF|not acknowledged|ended its side`
	rows := []pushRow{
		{fault: "refused", logs: "connection refused", short: "connection refused", prepare: graphiteProxied(faults.Refuse())},
		{fault: "black hole", logs: "deadline exceeded", short: "deadline exceeded", prepare: graphiteProxied(faults.BlackHole())},
		{fault: "slow, 200 bytes a second", logs: "deadline exceeded", short: "deadline exceeded", prepare: graphiteProxied(faults.Slow(200))},
		{fault: "reset in mid-batch", logs: cut, short: "connection reset", prepare: graphiteProxied(faults.Reset(200))},
		{fault: "killed in mid-batch", logs: cut + "|connection refused", short: "connection refused", prepare: graphiteKilled},
		{fault: "never acknowledges", logs: "deadline exceeded", short: "deadline exceeded", prepare: graphiteProxied(faults.Mute())},
		{fault: "wrong CA", logs: "unknown authority", short: "unknown authority", prepare: graphiteTLS(true, true)},
		{fault: "plaintext to TLS", logs: cut, short: "connection reset", prepare: graphiteTLS(false, true)},
		{fault: "TLS to plaintext", logs: "first record does not look like a TLS handshake|EOF|deadline", short: "not a TLS handshake", prepare: graphiteTLS(true, false)},
	}
	for i := range rows {
		rows[i].totalsOnly, rows[i].duplicates = true, true
	}
	return ofWay("Graphite", rows)
}

// graphiteSituation is a bridge to a VictoriaMetrics by way of addr.
func graphiteSituation(t *testing.T, v *Victoria, scheme, addr string, config *tls.Config) situation {
	t.Helper()
	prefix := "p" + port(t, addr)
	return situation{
		pipelines: []string{"graphite"},
		outage:    4 * time.Second, // a total that was sent within the same second waits, and so does its failure
		between:   second,          // the one that ends may have used the date of the next
		marks:     map[string]string{"graphite": "delivery to " + scheme + addr},
		options: []setup.Option{setup.WithGraphite(graphitebridge.Config{
			Servers:  []string{scheme + addr},
			TLS:      config,
			Line:     line.Config{Format: line.GraphiteTagged, Prefix: prefix, Instance: "one"},
			Delivery: graphitebridge.Delivery{MinBackoff: 10 * time.Millisecond, MaxBackoff: 100 * time.Millisecond},
		})},
		delivered: func(want map[string]float64) (float64, error) {
			values, err := v.Values(`{__name__=~"` + prefix + `\\.sli\\.checkout\\..*"}`)
			if err != nil {
				return 0, err
			}
			return 0, compareTotals(bare(values, prefix, serviceOf(t)), want)
		},
	}
}

// bare takes from the names what every series of a service has.
func bare(values map[string]float64, prefix, service string) map[string]float64 {
	replacer := strings.NewReplacer(prefix+".", "", `,instance="one"`, "", `,service.name="`+service+`"`, "")
	named := make(map[string]float64)
	for name, value := range values {
		named[replacer.Replace(name)] = value
	}
	return named
}

func graphiteProxied(f faults.Fault) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		proxy := faults.NewProxy(t, w.victoria.Graphite)
		s := graphiteSituation(t, w.victoria, "tcp://", proxy.Addr(), nil)
		s.begin = func() { proxy.Set(f) }
		s.end = func() { proxy.Set(faults.None()) }
		return s
	}
}

// graphiteKilled is a server that is killed while it reads, and started again. What it had stored before is on disk.
func graphiteKilled(t *testing.T, _ *world) situation {
	v := StartVictoriaMetrics(t)
	proxy := faults.NewProxy(t, v.Graphite)
	s := graphiteSituation(t, v, "tcp://", proxy.Addr(), nil)
	s.begin = func() {
		proxy.Set(faults.Slow(200))
		v.Settle(t)
		v.Crash(t)
		proxy.Set(faults.None())
	}
	s.end = func() { v.Restart(t) }
	return s
}

// graphiteTLS is an address that leads elsewhere while the fault lasts. VictoriaMetrics has no TLS of its own here, so
// that a proxy ends it, as it is done where Graphite is reached over TLS.
func graphiteTLS(secured, wrongIsTLS bool) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		own := faults.NewProxy(t, w.victoria.Graphite, faults.WithTLS(w.own.Server(t)))
		stranger := faults.NewProxy(t, w.victoria.Graphite, faults.WithTLS(w.stranger.Server(t)))
		scheme, right, wrong := "tcp://", w.victoria.Graphite, w.victoria.Graphite
		var config *tls.Config
		if secured {
			scheme, right, config = "tls://", own.Addr(), w.own.Client()
		}
		if wrongIsTLS {
			wrong = stranger.Addr()
		}
		proxy := faults.NewProxy(t, right)
		s := graphiteSituation(t, w.victoria, scheme, proxy.Addr(), config)
		s.begin = func() { proxy.SetTarget(wrong) }
		s.end = func() { proxy.SetTarget(right) }
		return s
	}
}
