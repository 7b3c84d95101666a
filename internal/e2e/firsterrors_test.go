package e2e

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A process fails 45 times before anybody has looked at it. Prometheus counts increases between samples: these tests
// show who still sees the 45.

const earlyFailures = 45

func fetch(url string) (string, error) {
	client := &http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, resp.Status)
	}
	return string(body), err
}

// failEarly counts the failures by an SLI and by a counter of client_golang, and only then opens the way out.
func failEarly(t *testing.T, options func(native *prometheus.Registry) []setup.Option) *setup.Telemetry {
	t.Helper()
	catalog := otelsli.NewCatalog()
	sli, err := otelsli.New(otelsli.Spec{Name: "early"}, []struct{}{{}}, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	native := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "native_errors_total"})
	native.MustRegister(counter)
	for range earlyFailures {
		sli.Record(t.Context(), struct{}{}, otelsli.Failed)
		counter.Inc()
	}
	time.Sleep(20 * time.Millisecond) // see CreatedTimestamps
	telemetry, err := setup.Start(t.Context(), append(options(native),
		setup.WithCatalog(catalog), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithService("early", ""))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = telemetry.Shutdown(t.Context()) })
	return telemetry
}

// about accepts what increase() makes of a number by extrapolation.
func eventuallyAbout(t *testing.T, prom *Prometheus, promql string, want, tolerance float64) {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		got, err := prom.Value(t.Context(), promql)
		if err == nil && math.Abs(got-want) > tolerance*want {
			err = fmt.Errorf("%s = %v, want %v within %v %%", promql, got, want, 100*tolerance)
		}
		return err
	})
}

// Prometheus 2.42 knows no start times: the hold makes it see a 0 first.
func TestFirstErrorsAreKeptByTheHold(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	addr := FreeAddr(t)
	prom := StartPrometheus(t, Prometheus2, PrometheusConfig{Targets: Targets{"early": {addr}}})
	prom.Eventually(t, `up{job="early"}`, 0, answerLimit) // it scrapes, and nobody is there yet
	failEarly(t, func(native *prometheus.Registry) []setup.Option {
		return []setup.Option{setup.WithPrometheus(addr, sliprom.WithHold(2500*time.Millisecond), sliprom.WithGatherers(native))}
	})
	prom.Eventually(t, `sli_early_error_total`, earlyFailures, answerLimit)
	prom.Eventually(t, `min_over_time(sli_early_error_total[5m])`, 0, answerLimit)
	prom.Eventually(t, `count_over_time(sli_early_error_total[5m]) > bool 15`, 1, answerLimit)
	eventuallyAbout(t, prom, `increase(sli_early_error_total[5m])`, earlyFailures, 0.1)
	// The counter beside it was as quick, and nobody saw it at 0.
	prom.Eventually(t, `increase(native_errors_total[5m])`, 0, answerLimit)
}

// Processes that Prometheus discovers only after their birth, each in its own time: the hold runs from the first scrape.
func TestFirstErrorsAreKeptHoweverLateTheDiscovery(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	prom := StartPrometheus(t, Prometheus2, PrometheusConfig{Targets: Targets{"early": nil}})
	const hold = 2500 * time.Millisecond // shorter than the discovery may take
	var addrs []string
	for range 6 {
		addr := FreeAddr(t)
		failEarly(t, func(native *prometheus.Registry) []setup.Option {
			return []setup.Option{setup.WithPrometheus(addr, sliprom.WithHold(hold), sliprom.WithGatherers(native))}
		})
		addrs = append(addrs, addr)
		prom.SetTargets(t, "early", addrs...)
		time.Sleep(700 * time.Millisecond)
	}
	for _, addr := range addrs {
		sli := fmt.Sprintf(`sli_early_error_total{instance=%q}[5m]`, addr)
		prom.Eventually(t, `last_over_time(`+sli+`)`, earlyFailures, answerLimit)
		prom.Eventually(t, `min_over_time(`+sli+`)`, 0, answerLimit)
		prom.Eventually(t, `count_over_time(`+sli+`) > bool 15`, 1, answerLimit)
		eventuallyAbout(t, prom, `increase(`+sli+`)`, earlyFailures, 0.2)
	}
	// The counters beside them were as quick, and nobody saw one at 0.
	prom.Eventually(t, `sum(increase(native_errors_total[5m]))`, 0, answerLimit)
}

// Prometheus 3 reads start times, from protobuf: no hold is needed.
func TestFirstErrorsAreKeptByTheStartTimeOfAScrape(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	addr := FreeAddr(t)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{
		Targets: Targets{"early": {addr}}, Features: []string{CreatedTimestamps, AnchoredSelectors},
	})
	failEarly(t, func(native *prometheus.Registry) []setup.Option {
		return []setup.Option{setup.WithPrometheus(addr, sliprom.WithHold(0), sliprom.WithGatherers(native))}
	})
	prom.Eventually(t, `increase(sli_early_error_total[5m] anchored)`, earlyFailures, answerLimit)
	// client_golang's own counters carry their start time too; OpenTelemetry's Prometheus exporter drops it.
	prom.Eventually(t, `increase(native_errors_total[5m] anchored)`, earlyFailures, answerLimit)
}

func TestFirstErrorsAreKeptByTheStartTimeOfOTLP(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{Features: []string{CreatedTimestamps, AnchoredSelectors}})
	addr, path := prom.OTLPEndpoint()
	failEarly(t, func(*prometheus.Registry) []setup.Option {
		return []setup.Option{
			setup.WithOTLP(sliotlp.WithMetricsEndpoint("http://" + addr + path)),
			setup.WithInterval(time.Second),
		}
	})
	prom.Eventually(t, `increase(sli_early_error_total[5m] anchored)`, earlyFailures, answerLimit)
}

// The hold and the start time together, as they are by default, count nothing twice.
func TestHoldAndStartTimeTogether(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	addr := FreeAddr(t)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{
		Targets: Targets{"early": {addr}}, Features: []string{CreatedTimestamps, AnchoredSelectors},
	})
	failEarly(t, func(*prometheus.Registry) []setup.Option {
		return []setup.Option{setup.WithPrometheus(addr, sliprom.WithHold(2500*time.Millisecond))}
	})
	prom.Eventually(t, `sli_early_error_total`, earlyFailures, answerLimit)
	prom.Eventually(t, `increase(sli_early_error_total[5m] anchored)`, earlyFailures, answerLimit)
	prom.Eventually(t, `resets(sli_early_error_total[5m])`, 0, answerLimit)
}
