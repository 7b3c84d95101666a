package e2e

import (
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// otlpRows are the faults of a receiver of OTLP, for one protocol.
func otlpRows(protocol sliotlp.Protocol) []row {
	o := otlpWay{protocol: protocol, name: "OTLP HTTP"}
	if protocol == sliotlp.GRPC {
		o.name = "OTLP gRPC"
	}
	const cut = `reset by peer|broken pipe|EOF|closed`
	orCut := "|" + cut // the connection of before, where an export had begun just then
	overloaded := "503 Service Unavailable: the receiver is overloaded"
	if protocol == sliotlp.GRPC {
		orCut = "" // the export tries again until its time is over, and says what the last attempt came to
		overloaded = "gRPC Unavailable: the receiver is overloaded"
	}
	rows := []pushRow{
		{fault: "refused", logs: "connection refused" + orCut, short: "connection refused", duplicates: true, prepare: o.proxied(faults.Refuse())},
		{fault: "black hole", logs: "deadline exceeded", short: "deadline exceeded", duplicates: true, prepare: o.proxied(faults.BlackHole())},
		{fault: "slow, 200 bytes a second", logs: "deadline exceeded", short: "deadline exceeded", duplicates: true, prepare: o.proxied(faults.Slow(200))},
		{fault: "vanishes, with another in its place", logs: "deadline exceeded", short: "deadline exceeded", duplicates: true, prepare: o.vanishing},
		{fault: "reset in mid-export", logs: cut, short: "connection reset", duplicates: true, prepare: o.proxied(faults.Reset(400))},
		{fault: "killed in mid-export", logs: cut + "|connection refused", short: "connection refused", duplicates: true, prepare: o.killed},
		{fault: "never answers", logs: "deadline exceeded", short: "deadline exceeded", duplicates: true, prepare: o.proxied(faults.Mute())},
		{fault: "500", logs: "the receiver has a bug", short: "the receiver has a bug", prepare: o.answering(faults.Broken())},
		{fault: "503", logs: "deadline exceeded after .* attempts; last .*: " + overloaded, short: overloaded, duplicates: true, prepare: o.answering(faults.Unavailable())}, // the last of its attempts may have been cut short
		{fault: "429 with Retry-After", prepare: o.patient(faults.TooMany(2 * time.Second))},
		{fault: "partial success", logs: "the metric is not allowed", short: "the metric is not allowed", prepare: o.answering(faults.Partial("sli.checkout.error.total"))},
		{fault: "wrong token", logs: "the token is not valid", short: "the token is not valid", prepare: o.answering(faults.Unauthorized())},
		{fault: "wrong CA", logs: "unknown authority" + orCut, short: "unknown authority", duplicates: true, prepare: o.elsewhere(secure, stranger)},
		{fault: "plaintext to TLS", logs: "the receiver speaks TLS", short: "the receiver speaks TLS", duplicates: true, prepare: o.elsewhere(plain, secure)},
		{fault: "TLS to plaintext", logs: "does not look like a TLS handshake|HTTP response to HTTPS client" + orCut, short: "no TLS handshake", duplicates: true, prepare: o.elsewhere(secure, plain)},
	}
	return ofWay(o.name, rows)
}

func ofWay(name string, rows []pushRow) []row {
	all := make([]row, len(rows))
	for i, r := range rows {
		r.way = name
		all[i] = r
	}
	return all
}

func plain(r *receivers) endpoint    { return r.plain }
func secure(r *receivers) endpoint   { return r.secure }
func stranger(r *receivers) endpoint { return r.stranger }

// otlpWay is the way out by one protocol.
type otlpWay struct {
	name     string
	protocol sliotlp.Protocol
}

func (o otlpWay) of(e endpoint) string {
	if o.protocol == sliotlp.GRPC {
		return e.grpc
	}
	return e.http
}

// pipelines are two through the same receiver: totals and deltas.
func (o otlpWay) pipelines(url string, more ...sliotlp.Option) []setup.Option {
	options := append([]sliotlp.Option{
		sliotlp.WithProtocol(o.protocol), sliotlp.WithEndpoint(url),
		sliotlp.WithRetry(sliotlp.Retry{Initial: 50 * time.Millisecond, Max: 200 * time.Millisecond, MaxElapsed: time.Minute}),
	}, more...)
	return []setup.Option{
		setup.WithOTLP(options...),
		setup.WithOTLP(append(options, sliotlp.WithTemporality(sliotlp.Delta))...),
	}
}

func (o otlpWay) situation(t *testing.T, l *ledger, url string, more ...sliotlp.Option) situation {
	t.Helper()
	return situation{
		pipelines: []string{"otlp", "otlp-2"},
		options:   o.pipelines(url, more...),
		delivered: bothTemporalities(l, serviceOf(t), func() float64 { return 0 }),
	}
}

// bothTemporalities demands all totals, and of the deltas all but the failures that were rejected.
func bothTemporalities(l *ledger, service string, rejected func() float64) func(map[string]float64) (float64, error) {
	return func(want map[string]float64) (float64, error) {
		totals, err := l.totals(service, false)
		if err != nil {
			return 0, err
		}
		if err := compareTotals(totals, want); err != nil {
			return 0, err
		}
		deltas, err := l.totals(service, true)
		if err != nil {
			return 0, err
		}
		want[`sli.checkout.error.total{channel="web"}`] -= rejected()
		return atLeast(deltas, want)
	}
}

// proxied is a receiver that a connection to fails.
func (o otlpWay) proxied(f faults.Fault) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		proxy := faults.NewProxy(t, o.of(w.backend.plain))
		s := o.situation(t, &w.backend.harmed, "http://"+proxy.Addr())
		s.begin = func() { proxy.Set(f) }
		s.end = func() { proxy.Set(faults.None()) }
		return s
	}
}

// vanishing is a receiver that goes without a word, with TLS, so that both protocols are HTTP/2.
func (o otlpWay) vanishing(t *testing.T, w *world) situation {
	proxy := faults.NewProxy(t, o.of(w.backend.secure))
	s := o.situation(t, &w.backend.harmed, "https://"+proxy.Addr(), sliotlp.WithTLSConfig(w.own.Client()))
	s.begin = func() { proxy.Set(faults.Vanish()) }
	s.end = func() { proxy.Set(faults.None()) }
	return s
}

// killed is a receiver that is killed while it reads, and started again.
func (o otlpWay) killed(t *testing.T, w *world) situation {
	backend := w.startReceivers(t)
	proxy := faults.NewProxy(t, o.of(backend.plain))
	s := o.situation(t, &backend.harmed, "http://"+proxy.Addr())
	s.begin = func() {
		time.Sleep(200 * time.Millisecond) // what it has taken is on disk
		proxy.Set(faults.Slow(200))
		time.Sleep(200 * time.Millisecond)
		backend.kill(t)
		proxy.Set(faults.None())
	}
	s.end = func() { backend.start(t) }
	return s
}

// answering is a receiver that answers so.
func (o otlpWay) answering(a faults.Answer) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		receiver := faults.NewOTLP(t, w.backend.plain.grpc)
		s := o.situation(t, &w.backend.harmed, "http://"+o.of(endpoint{grpc: receiver.GRPC, http: receiver.HTTP}))
		s.delivered = bothTemporalities(&w.backend.harmed, serviceOf(t), func() float64 { return float64(receiver.Rejected()) })
		s.begin = func() { receiver.Set(a) }
		s.end = func() { receiver.Set(faults.Take()) }
		return s
	}
}

// patient is answering where the exports have the time to wait as long as the receiver asks for.
func (o otlpWay) patient(a faults.Answer) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		receiver := faults.NewOTLP(t, w.backend.plain.grpc)
		s := o.situation(t, &w.backend.harmed, "http://"+o.of(endpoint{grpc: receiver.GRPC, http: receiver.HTTP}))
		s.timeout = 10 * time.Second
		asked := 0
		s.begin = func() {
			receiver.Set(a)
			asked = receiver.Requests()
		}
		s.end = func() {
			if n := receiver.Requests() - asked; n > 2*len(s.pipelines) {
				t.Errorf("%d requests in %v by %d pipelines that were asked to wait for two seconds", n, outageLength, len(s.pipelines))
			}
			receiver.Set(faults.Take())
		}
		return s
	}
}

// elsewhere is a name that suddenly leads to another port.
func (o otlpWay) elsewhere(right, wrong func(*receivers) endpoint) func(*testing.T, *world) situation {
	return func(t *testing.T, w *world) situation {
		proxy := faults.NewProxy(t, o.of(right(w.backend)))
		url, options := "http://"+proxy.Addr(), []sliotlp.Option(nil)
		if right(w.backend) == w.backend.secure {
			url, options = "https://"+proxy.Addr(), append(options, sliotlp.WithTLSConfig(w.own.Client()))
		}
		s := o.situation(t, &w.backend.harmed, url, options...)
		s.begin = func() { proxy.SetTarget(o.of(wrong(w.backend))) }
		s.end = func() { proxy.SetTarget(o.of(right(w.backend))) }
		return s
	}
}
