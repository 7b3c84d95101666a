package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

// Every way out, with every fault that its backend can have. See the table in docs/operations.md.
//
//nolint:paralleltest // it has a parallelism of its own: that of the tests is the number of processors
func TestFaultMatrix(t *testing.T) {
	Require(t, OTelCollector, VictoriaMetrics, Prometheus3)
	w := newWorld(t)
	verdicts := runRows(t, w, allRows())
	t.Log("\n" + table(verdicts))
	if !t.Failed() && !slices.Contains(verdicts, verdict{}) { // else rows were left out by -run
		judgeDocs(t, table(verdicts))
	}
}

func allRows() []row {
	return slices.Concat(otlpRows(sliotlp.GRPC), otlpRows(sliotlp.HTTPProtobuf), scrapeRows(), graphiteRows())
}

// A row shows what a service does about one fault of one backend.
type row interface {
	names() (way, fault string)
	// run fails the test where the service does the wrong thing.
	run(t *testing.T, w *world) verdict
}

// A verdict is what a row has shown, in the words of the table.
type verdict struct {
	way, fault                               string
	recording, others, shutdown, logged, end string
}

func runRows(t *testing.T, w *world, rows []row) []verdict {
	verdicts := make([]verdict, len(rows))
	slots := make(chan struct{}, together)
	var running sync.WaitGroup
	for i, r := range rows {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			way, fault := r.names()
			t.Run(way+", "+fault, func(t *testing.T) { verdicts[i] = r.run(t, w) })
		})
	}
	running.Wait()
	return verdicts
}

// serviceOf is the name of the service of a row.
func serviceOf(t *testing.T) string { return strings.ReplaceAll(t.Name(), " ", "-") }
