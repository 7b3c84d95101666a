package sliprom

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/otelsli/otelsli-go/otelsli"
)

// exemplarsOf maps each series with an exemplar to its trace.
func exemplarsOf(families []*dto.MetricFamily) map[string]string {
	all := make(map[string]string)
	for _, f := range families {
		for _, m := range f.Metric {
			if e := m.GetCounter().GetExemplar(); e != nil {
				all[f.GetName()+m.Label[0].GetValue()] = e.Label[0].GetValue()
			}
		}
	}
	return all
}

func TestExemplars(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := open(t, s.catalog)
		s.place.Record(traced(t, 1), webGold, otelsli.Failed)
		s.place.Record(traced(t, 2), appFree, otelsli.Slow)
		s.place.Record(traced(t, 3), appFree, otelsli.Success)

		body := get(t, e.Handler(), acceptOpenMetrics)
		for _, want := range []string{
			`sli_place_order_error_total{channel="web",tier="gold"} 1.0 # {trace_id="01020000000000000000000000000001",span_id="0300000000000001"} 1.0 9.466848e+08` + "\n",
			`sli_place_order_slow_total{channel="app",tier="free"} 1.0 # {trace_id="01020000000000000000000000000002",span_id="0300000000000002"} 1.0 9.466848e+08` + "\n",
			`sli_place_order_total{channel="web",tier="gold"} 1.0` + "\n",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("OpenMetrics lacks %q:\n%s", want, body)
			}
		}
		if text := get(t, e.Handler(), acceptText); strings.Contains(text, "trace_id") {
			t.Errorf("the older text format has exemplars:\n%s", text)
		}
		got := exemplarsOf(decode(t, get(t, e.Handler(), acceptProtobuf)))
		if len(got) != 3 || !strings.HasSuffix(got["sli_place_order_error_totalweb"], "1") || !strings.HasSuffix(got["sli_place_order_apdex_totalapp"], "2") {
			t.Errorf("protobuf: %v", got)
		}
	})
}

// An exemplar is of an event that the counter shows.
func TestHeldSeriesHaveNoExemplar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := open(t, s.catalog, WithHold(time.Minute))
		s.place.Record(traced(t, 1), webGold, otelsli.Failed)
		for _, accept := range []string{acceptOpenMetrics, acceptProtobuf} {
			if body := get(t, e.Handler(), accept); strings.Contains(body, "trace_id") {
				t.Errorf("%s: a held series has an exemplar:\n%s", accept, body)
			}
		}
		time.Sleep(2 * time.Minute)
		if body := get(t, e.Handler(), acceptProtobuf); !strings.Contains(body, "trace_id") {
			t.Error("a series past its hold has no exemplar")
		}
	})
}

// The tree of a scrape follows the newest one, and drops it when the catalog does.
func TestExemplarsOfOneTree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := open(t, s.catalog)
		scrape := e.newScrape()
		collect := func() *dto.Exemplar {
			scrape.collect(asFamilies, true, time.Second)
			for _, f := range scrape.families {
				if f.GetName() == "sli_place_order_error_total" {
					return f.Metric[0].Counter.Exemplar
				}
			}
			return nil
		}
		s.place.Record(traced(t, 1), webGold, otelsli.Failed)
		first := collect()
		if first == nil || collect() != first {
			t.Error("the same exemplar is made again")
		}
		time.Sleep(2 * otelsli.ExemplarInterval)
		s.place.Record(traced(t, 2), webGold, otelsli.Failed)
		second := collect()
		if second == nil || second == first || second.Label[0].GetValue() == first.Label[0].GetValue() {
			t.Errorf("then %v", second)
		}
		if err := s.catalog.Configure(otelsli.WithExemplars(otelsli.AlwaysOff)); err != nil {
			t.Fatal(err)
		}
		if e := collect(); e != nil {
			t.Errorf("exemplars are off, but %v", e)
		}
	})
}

// A tree that has shown an exemplar hides it with the count.
func TestTreeHidesExemplars(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.place.Record(traced(t, 1), webGold, otelsli.Failed)
	tree := newTree(newSchema())
	for _, want := range []int{1, 0, 1} {
		tree.update(s.catalog, &view{all: want > 0})
		if got := exemplarsOf(tree.families); len(got) != want {
			t.Errorf("exemplars %v, want %d", got, want)
		}
	}
}
