package graphitebridge

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

type labels struct {
	Tier    string
	Service string // the name of a tag that every line has
}

func newSLI(t testing.TB, c *otelsli.Catalog, declared ...labels) *otelsli.SLI[labels] {
	t.Helper()
	if err := c.Configure(otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil { // series that come late are on purpose
		t.Fatal(err)
	}
	s, err := otelsli.New(otelsli.Spec{Name: "place_order", Threshold: time.Second}, declared, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// budgetConfig is that of an exporter of a catalog's error budget.
func budgetConfig(c *otelsli.Catalog) Config {
	config := quiet()
	config.ErrorBudget = &ErrorBudget{UUID: "u-1", Service: "shop", Instance: "pod 7", Catalog: c}
	return config
}

func record(s *otelsli.SLI[labels], l labels, outcomes ...otelsli.Outcome) {
	for _, o := range outcomes {
		s.Record(context.Background(), l, o)
	}
}

// texts returns lines with N for their time.
func texts(t *testing.T, batches ...string) []string {
	t.Helper()
	got := []string{}
	for _, b := range batches {
		for text := range strings.Lines(b) {
			words := strings.Fields(text)
			words[2] = "N"
			got = append(got, strings.Join(words, " "))
		}
	}
	return got
}

func TestErrorBudgetLines(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				catalog := otelsli.NewCatalog()
				if err := catalog.Configure(otelsli.WithLayout(layout)); err != nil {
					t.Fatal(err)
				}
				gold := labels{"gold", "cart"}
				s := newSLI(t, catalog, gold, labels{"a free\n=tier", "cart"})
				record(s, gold, otelsli.Success, otelsli.Success, otelsli.Slow, otelsli.Failed)
				r := &receiverFake{}
				e := newTestExporter(t, budgetConfig(catalog), r)
				app := data(counter("orders", 1)) // is not sent
				for _, outcomes := range [][]otelsli.Outcome{{}, {otelsli.Ignored, otelsli.Success}, {}, {otelsli.Failed}} {
					record(s, gold, outcomes...)
					if err := export(t, e, app); err != nil {
						t.Fatal(err)
					}
				}
				line := func(n int, responseType, tier string) string {
					return fmt.Sprintf("put error-budget.counters.u-1 N %d service=shop response_type=%s method_name=place_order instance=pod_7 exported_service=cart tier=%s", n, responseType, tier)
				}
				want := []string{
					line(3, "success", "gold"), line(1, "failure", "gold"), line(0, "ignored_failure", "gold"),
					line(0, "success", "a_free__tier"), line(0, "failure", "a_free__tier"), line(0, "ignored_failure", "a_free__tier"),
					line(1, "success", "gold"), line(1, "ignored_failure", "gold"),
					line(1, "failure", "gold"),
				}
				if diff := cmp.Diff(want, texts(t, r.batches()...)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestErrorBudgetBuffered counts the lines that wait, each once: those that are held, and those that
// follow them.
func TestErrorBudgetBuffered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		catalog := otelsli.NewCatalog()
		gold := labels{"gold", "cart"}
		s := newSLI(t, catalog, gold)
		r := &receiverFake{}
		e := newTestExporter(t, budgetConfig(catalog), r)
		for i, step := range []struct {
			outcome otelsli.Outcome
			fate    fate
			want    int
		}{
			{otelsli.Success, refused, 3}, // two of them announce the series
			{otelsli.Failed, arrives, 0},
			{otelsli.Success, refused, 1},
			{otelsli.Success, vanishes, 1}, // held from here on
			{otelsli.Success, vanishes, 2},
			{otelsli.Failed, refused, 3},
			{otelsli.Success, arrives, 0},
		} {
			record(s, gold, step.outcome)
			r.fate = func(int) fate { return step.fate }
			err := export(t, e, data())
			if got := e.snapshot().buffered; got != step.want || err == nil != (step.want == 0) {
				t.Errorf("step %d: %d lines wait, want %d: %v", i+1, got, step.want, err)
			}
		}
	})
}

// TestErrorBudgetIsExact records while deliveries fail in all ways and exporters follow one
// another. What the agent stored by series and second adds up to what was recorded.
func TestErrorBudgetIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				catalog := otelsli.NewCatalog()
				s := newSLI(t, catalog, labels{"gold", "cart"})
				r := &receiverFake{}
				var want [3]int64
				for range 3 {
					r.fate = func(int) fate { return fate(random.IntN(int(hangs) + 1)) }
					c := budgetConfig(catalog)
					c.BatchBytes = 200
					e := newTestExporter(t, c, r)
					for range 15 {
						counted := recordAll(s, random.IntN(4))
						for i := range want {
							want[i] += counted[i]
						}
						_ = export(t, e, data())
					}
					r.fate = nil
					if err := e.Shutdown(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				r.noConflicts(t)
				var got [3]int64
				for name, v := range r.sums() {
					for i, kind := range responseTypes {
						if strings.Contains(name, "response_type="+kind+";") {
							got[i] += int64(v)
						}
					}
				}
				if got != want {
					t.Errorf("success, failure, ignored: %v, want %v", got, want)
				}
			})
		})
	}
}

// recordAll records from several goroutines, on declared and on late series.
func recordAll(s *otelsli.SLI[labels], late int) (counted [3]int64) {
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			l := labels{"gold", "cart"}
			if g == 0 {
				l.Tier = fmt.Sprint("late", late)
			}
			record(s, l, otelsli.Success, otelsli.Slow, otelsli.Failed, otelsli.Ignored, otelsli.Ignored, otelsli.Success)
		})
	}
	all.Wait()
	return [3]int64{4 * 3, 4, 4 * 2}
}

func TestErrorBudgetNamesThatBecomeEqual(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		catalog := otelsli.NewCatalog()
		a, b := labels{"a b", "x"}, labels{"a_b", "x"}
		s := newSLI(t, catalog, a, b)
		r := &receiverFake{}
		e := newTestExporter(t, budgetConfig(catalog), r)
		for range 3 {
			record(s, a, otelsli.Success)
			record(s, b, otelsli.Success, otelsli.Success)
			if err := export(t, e, data()); err != nil {
				t.Fatal(err)
			}
		}
		for name, v := range r.sums() {
			if strings.Contains(name, "success") && v != 9 {
				t.Errorf("%s adds up to %v, want 9", name, v)
			}
		}
		if s := e.snapshot(); s.merged != 1 || s.buffered != 0 || len(r.points) != 3 {
			t.Errorf("merged %d, %d series", s.merged, len(r.points))
		}
	})
}

func TestErrorBudgetWithTooManyLabels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		catalog := otelsli.NewCatalog()
		_, err := otelsli.New(otelsli.Spec{Name: "wide"}, [][5]string{{"1", "2", "3", "4", "5"}},
			otelsli.WithLabelNames("a", "b", "c", "d", "e"), otelsli.WithCatalog(catalog))
		if err != nil {
			t.Fatal(err)
		}
		r := &receiverFake{}
		var log bytes.Buffer
		c := budgetConfig(catalog)
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		e := newTestExporter(t, c, r)
		_ = export(t, e, data())
		_ = export(t, e, data())
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "sli=wide reason=too_many_tags") {
			t.Errorf("log:\n%s", text)
		}
		if s := e.snapshot(); s.drops[line.TooManyTags] != 3 || len(r.batches()) != 0 || s.buffered != 0 {
			t.Errorf("drops %v, sent %q", s.drops, r.batches())
		}
		_ = e.Shutdown(t.Context())
		c = budgetConfig(catalog)
		c.ErrorBudget.MaxTags = 9
		e = newTestExporter(t, c, r)
		_ = export(t, e, data())
		if len(r.batches()) != 1 || !strings.Contains(r.batches()[0], "a=1 b=2 c=3 d=4 e=5\n") {
			t.Errorf("with a higher limit: %q", r.batches())
		}
	})
}

func TestErrorBudgetWithAllMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		catalog := otelsli.NewCatalog()
		newSLI(t, catalog, labels{"gold", "x"})
		r := &receiverFake{}
		c := budgetConfig(catalog)
		c.Line.Format = line.OpenTSDB
		c.ErrorBudget.AllMetrics = true
		c.ErrorBudget.MethodName = strings.ToUpper
		e := newTestExporter(t, c, r)
		rm := data(counter("orders", 5))
		rm.ScopeMetrics = append(rm.ScopeMetrics, metricdata.ScopeMetrics{
			Scope:   instrumentation.Scope{Name: otelsli.ScopeName},
			Metrics: []metricdata.Metrics{counter("sli.place_order.total", 1)},
		})
		if err := export(t, e, rm); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(texts(t, r.batches()...), "\n")
		if !strings.HasPrefix(got, "put orders N 5 instance=i\nput error-budget") || strings.Contains(got, "sli.place") || !strings.Contains(got, "method_name=PLACE_ORDER ") {
			t.Errorf("lines:\n%s", got)
		}
	})
}

func TestErrorBudgetHasOneOwner(t *testing.T) {
	t.Parallel()
	catalog := otelsli.NewCatalog()
	c := budgetConfig(catalog).withDefaults()
	e := newTestExporter(t, c, silent{})
	if _, err := newExporter(c, silent{}); err == nil || !strings.Contains(err.Error(), `"graphite", that of another exporter`) {
		t.Errorf("a second one of the name: %v", err)
	}
	c.Name = "other"
	newTestExporter(t, c, silent{})
	c.Name = ""
	_ = e.Shutdown(t.Context())
	newTestExporter(t, c, silent{})
}

// TestRefusedIncrementsGoOutInTheSameSecond: what no receiver has seen does not have to wait.
func TestRefusedIncrementsGoOutInTheSameSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		catalog := otelsli.NewCatalog()
		record(newSLI(t, catalog, labels{"gold", "x"}), labels{"gold", "x"}, otelsli.Success)
		r := &receiverFake{fate: fates(refused)}
		c := budgetConfig(catalog)
		c.Increments, c.ErrorBudget.AllMetrics, c.Line.Format = true, true, line.OpenTSDB
		e := newTestExporter(t, c, r)
		if err := e.Export(t.Context(), data(counter("orders", 5))); err == nil {
			t.Error("the first delivery did not fail")
		}
		if err := e.ForceFlush(t.Context()); err != nil || len(r.points) != 1+3 {
			t.Errorf("flush: %v, %d series", err, len(r.points))
		}
	})
}
