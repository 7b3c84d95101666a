package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// serviceVariable makes TestGraphiteService the program that TestGraphiteShutdown starts.
const serviceVariable = "OTELSLI_E2E_SERVICE"

var finalCounts = regexp.MustCompile(`final: success=(\d+) failed=(\d+) ignored=(\d+)\n`)

// TestGraphiteService is a service under load that ends by SIGTERM and then prints what it has recorded.
func TestGraphiteService(t *testing.T) {
	t.Parallel()
	if os.Getenv(serviceVariable) == "" {
		t.Skip("this is the service of TestGraphiteShutdown")
	}
	s := newStore(t)
	var counts otelsli.Counts
	err := setup.Run(t.Context(), func(ctx context.Context) error {
		fmt.Println("ready")
		outcomes := []otelsli.Outcome{otelsli.Success, otelsli.Failed, otelsli.Success, otelsli.Ignored}
		for i := 0; ctx.Err() == nil; i++ {
			outcome := outcomes[i%len(outcomes)]
			s.sli.Record(ctx, channels[0], outcome)
			counts[outcome]++
			time.Sleep(100 * time.Microsecond)
		}
		return nil
	}, setup.WithCatalog(s.catalog))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("final: success=%d failed=%d ignored=%d\n", counts[otelsli.Success], counts[otelsli.Failed], counts[otelsli.Ignored])
}

// runService runs it for a moment, by the environment alone, and returns its success, failed and ignored events.
func runService(t *testing.T, env ...string) (success, failed, ignored float64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestGraphiteService$")
	cmd.Env = append(os.Environ(), serviceVariable+"=1", "OTEL_SERVICE_NAME=store",
		"OTEL_METRIC_EXPORT_INTERVAL=700", "OTELSLI_GRAPHITE_INSTANCE=one")
	cmd.Env = append(cmd.Env, env...)
	p := StartCommand(t, cmd)
	p.WaitForOutput(t, regexp.MustCompile("ready\n"), answerLimit)
	time.Sleep(2 * time.Second)
	begin := time.Now()
	if code := p.Stop(t, answerLimit); code != 0 {
		t.Fatalf("the service ended with code %d", code)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	match := p.WaitForOutput(t, finalCounts, answerLimit)
	var counts [3]float64
	for i, text := range match[1:] {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 100 {
			t.Fatalf("no load worth speaking of: %s", match[0])
		}
		counts[i] = n
	}
	return counts[0], counts[1], counts[2]
}

// A flush, some events and the end within one second leave the totals of the end.
func TestGraphiteFinalTotals(t *testing.T) {
	t.Parallel()
	Require(t, VictoriaMetrics)
	victoria := StartVictoriaMetrics(t)
	const series = 100
	s, many := newWideStore(t, series)
	s.start(t, graphitebridge.Config{
		Servers: []string{"tcp://" + victoria.Graphite},
		Line:    line.Config{Format: line.GraphiteTagged, Instance: "one"},
	})
	for range 3 {
		for _, c := range many {
			s.sli.Record(t.Context(), c, otelsli.Failed)
		}
		s.flush(t)
	}
	for _, c := range many {
		s.sli.Record(t.Context(), c, otelsli.Failed)
	}
	s.shutdown(t)
	victoria.eventually(t, `count({__name__="sli.checkout.error.total"} == 4)`, series)
	victoria.eventually(t, `count({__name__="sli.checkout.total"} == 4)`, series)
}

// What was recorded up to the last moment before the end has arrived.
func TestGraphiteShutdown(t *testing.T) {
	t.Parallel()
	Require(t, VictoriaMetrics)
	victoria := StartVictoriaMetrics(t)
	t.Run("totals", func(t *testing.T) {
		t.Parallel()
		success, failed, ignored := runService(t,
			"OTEL_METRICS_EXPORTER=graphite",
			"OTELSLI_GRAPHITE_ENDPOINT=tcp://"+victoria.Graphite,
			"OTELSLI_GRAPHITE_FORMAT=graphite-tagged")
		for name, want := range map[string]float64{"total": success + failed, "error.total": failed, "ignored.total": ignored} {
			victoria.eventually(t, `{__name__="sli.checkout.`+name+`",channel="web"}`, want)
		}
	})
	t.Run("error budget", func(t *testing.T) {
		t.Parallel()
		success, failed, ignored := runService(t,
			"METRICS_ENABLED=true",
			"METRICS_AGENT_URL=tcp://"+victoria.OpenTSDB,
			"METRICS_SERVICE_NAME=store",
			"METRICS_SLI_UUID=u-2")
		for response, want := range map[string]float64{"success": success, "failure": failed, "ignored_failure": ignored} {
			victoria.eventually(t, `sum_over_time({__name__="error-budget.counters.u-2",channel="web",response_type="`+response+`"}[10m])`, want)
		}
	})
}
