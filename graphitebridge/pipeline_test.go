package graphitebridge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// TestPipelineIsExact sends the SLIs of a catalog through pipelines that follow one another, while
// deliveries fail. The increments add up to what was recorded, whatever the pipeline makes of a
// failed export.
func TestPipelineIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 3))
				catalog := otelsli.NewCatalog()
				s := newSLI(t, catalog, labels{"gold", "cart"})
				r := &receiverFake{}
				rounds := 0
				for range 3 {
					rounds += runPipeline(t, catalog, r, random, func() { recordAll(s, 0) })
				}
				r.noConflicts(t)
				got := r.sums()
				total := got["sli.place_order.total;instance=i;service=cart;tier=gold"] + got["sli.place_order.total;instance=i;service=cart;tier=late0"]
				if want := float64(rounds * 4 * 4); total != want { // four goroutines, four events that count
					t.Errorf("total is %v, want %v", total, want)
				}
			})
		})
	}
}

// runPipeline runs one pipeline to its end and returns how often it recorded.
func runPipeline(t *testing.T, catalog *otelsli.Catalog, r *receiverFake, random *rand.Rand, record func()) int {
	t.Helper()
	r.mu.Lock()
	r.fate = func(int) fate { return fate(random.IntN(int(hangs))) }
	r.mu.Unlock()
	c := quiet()
	c.Increments, c.Catalog = true, catalog
	e := newTestExporter(t, c, r)
	p, err := slisdk.NewPipeline("graphite", catalog, e, slisdk.WithInterval(2*time.Second), slisdk.WithErrorHandler(func(error) {}))
	if err != nil {
		t.Fatal(err)
	}
	p.Start()
	for range 10 {
		record()
		time.Sleep(time.Second)
	}
	r.mu.Lock()
	r.fate = nil
	r.mu.Unlock()
	record()
	if err := p.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	return 11
}
