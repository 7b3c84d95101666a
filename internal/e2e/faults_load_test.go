package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	batch = 500                  // events, of which the cost is taken together
	pause = 2 * time.Millisecond // between two batches, so that a phase has many of them and the rest of the machine its turn
)

// A load is a service that records, and knows what it has recorded.
type load struct {
	catalog *otelsli.Catalog
	sli     *otelsli.SLI[checkout]
	control *otelsli.SLI[checkout] // nobody exports it
	failed  float64
	total   float64
}

func newLoad(t *testing.T) *load {
	t.Helper()
	l := &load{catalog: otelsli.NewCatalog()}
	l.sli = newLoadSLI(t, l.catalog)
	l.control = newLoadSLI(t, otelsli.NewCatalog())
	return l
}

func newLoadSLI(t *testing.T, catalog *otelsli.Catalog) *otelsli.SLI[checkout] {
	t.Helper()
	sli, err := otelsli.New(otelsli.Spec{Name: "checkout"}, channels, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	return sli
}

// A cost is what recording takes.
type cost struct {
	relative float64       // to an SLI that is not exported, in the same moment: a busy machine slows down both
	longest  time.Duration // of a batch
}

// record records for so long, and says what that cost.
func (l *load) record(t *testing.T, d time.Duration) cost {
	t.Helper()
	var relative []float64
	var longest time.Duration
	for begin := time.Now(); time.Since(begin) < d; time.Sleep(pause) {
		control, took := recordBatch(t, l.control), recordBatch(t, l.sli)
		l.total += batch
		l.failed += batch / 10
		relative = append(relative, float64(took)/float64(control))
		longest = max(longest, took)
	}
	slices.Sort(relative)
	return cost{relative: relative[len(relative)/2], longest: longest}
}

// recordBatch records a batch, a tenth of it failures, and returns how long that took.
func recordBatch(t *testing.T, sli *otelsli.SLI[checkout]) time.Duration {
	t.Helper()
	ctx := t.Context()
	begin := time.Now()
	for i := range batch {
		outcome := otelsli.Success
		if i%10 == 0 {
			outcome = otelsli.Failed
		}
		sli.Record(ctx, channels[0], outcome)
	}
	return time.Since(begin)
}

// want returns what a receiver should hold by now.
func (l *load) want() map[string]float64 {
	return map[string]float64{
		`sli.checkout.total{channel="web"}`:         l.total,
		`sli.checkout.error.total{channel="web"}`:   l.failed,
		`sli.checkout.ignored.total{channel="web"}`: 0,
		`sli.checkout.total{channel="app"}`:         0,
		`sli.checkout.error.total{channel="app"}`:   0,
		`sli.checkout.ignored.total{channel="app"}`: 0,
	}
}

// atLeast is compareTotals where a part may have come twice, and returns what came more than once.
func atLeast(got, want map[string]float64) (surplus float64, err error) {
	for series, value := range want {
		if got[series] < value {
			return 0, fmt.Errorf("%s = %v, want %v or more", series, got[series], value)
		}
		surplus += got[series] - value
	}
	return surplus, nil
}
