package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// shop is the label of the service's SLI.
type shop struct{ Shop string }

// A service records events of an SLI and exports by the bridge and by another pipeline, which is
// always well.
type service struct {
	interval   time.Duration
	increments bool
	catalog    *otelsli.Catalog
	sli        *otelsli.SLI[shop]
	shops      []shop
	counts     []otelsli.Counts // what was recorded, by shop
	next       int
	bursts     []time.Duration // room for one phase
	other      *other
	telemetry  *setup.Telemetry
}

func newService(o outage) (*service, error) {
	s := &service{
		interval:   o.interval,
		increments: o.increments,
		catalog:    otelsli.NewCatalog(),
		counts:     make([]otelsli.Counts, o.series),
		bursts:     make([]time.Duration, 0, max(o.down, o.healthy)/burstPause+1),
		other:      &other{},
	}
	for i := range o.series {
		s.shops = append(s.shops, shop{fmt.Sprintf("shop-%d", i)})
	}
	var err error
	s.sli, err = otelsli.New(otelsli.Spec{Name: "order"}, s.shops, otelsli.WithCatalog(s.catalog))
	return s, err
}

// start begins to export.
func (s *service) start(ctx context.Context, address string) (err error) {
	s.telemetry, err = setup.Start(ctx, setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithCatalog(s.catalog), setup.WithService("outage", ""),
		setup.WithInterval(s.interval), setup.WithTimeout(s.interval),
		setup.WithShutdownTimeout(ending), setup.WithLogger(slog.New(slog.DiscardHandler)),
		setup.WithGraphite(graphitebridge.Config{
			Servers:    []string{"tcp://" + address},
			Increments: s.increments,
			Line:       line.Config{Format: line.GraphiteTagged, Instance: "k"},
		}),
		setup.WithExporter("other", s.other))
	return err
}

// stop ends the export; a second call does nothing.
func (s *service) stop(ctx context.Context) error { return s.telemetry.Shutdown(ctx) }

// burst records some events and returns how long one of them took.
func (s *service) burst(ctx context.Context) time.Duration {
	outcomes := [...]otelsli.Outcome{otelsli.Success, otelsli.Failed, otelsli.Success, otelsli.Ignored}
	first := s.next
	begin := time.Now()
	for i := range burstSize {
		s.sli.Record(ctx, s.shops[(first+i)%len(s.shops)], outcomes[i%len(outcomes)])
	}
	took := time.Since(begin)
	for i := range burstSize {
		s.counts[(first+i)%len(s.shops)][outcomes[i%len(outcomes)]]++
	}
	// By one less than a burst, so that each series gets every outcome in its turn.
	s.next = (first + burstSize - 1) % len(s.shops)
	return took / burstSize
}

// countersOf are the counters of a series, by the end of their names.
var countersOf = map[string]func(otelsli.Counts) int64{
	"sli.order.total":         otelsli.Counts.Total,
	"sli.order.error.total":   func(c otelsli.Counts) int64 { return c[otelsli.Failed] },
	"sli.order.ignored.total": func(c otelsli.Counts) int64 { return c[otelsli.Ignored] },
}

// settle waits until the file has the right totals, and returns how many are wrong in the end.
func (s *service) settle(file string, limit time.Duration) int {
	for end := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		if wrong := s.wrong(file); wrong == 0 || time.Now().After(end) {
			return wrong
		}
	}
}

// wrong returns how many of the lines in the file of a tap do not add up to what was recorded.
func (s *service) wrong(file string) (n int) {
	got, err := readTotals(file, s.increments)
	if err != nil {
		return len(s.shops) * len(countersOf)
	}
	for i, l := range s.shops {
		for metric, count := range countersOf {
			if got[metric+" "+l.Shop].value != count(s.counts[i]) {
				n++
			}
		}
	}
	return n
}

// A total is what a line of increments adds up to, or its newest value.
type total struct{ value, seconds int64 }

// readTotals reads the lines of shops, by metric and shop. A second line of a series for the same
// second is a repeat.
func readTotals(file string, increments bool) (map[string]total, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	totals := make(map[string]total)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, seconds, ok := parseShop(lines.Text())
		before := totals[key]
		switch {
		case !ok || seconds < before.seconds || increments && seconds == before.seconds:
			continue
		case increments:
			value += before.value
		}
		totals[key] = total{value, seconds}
	}
	return totals, lines.Err()
}

func parseShop(l string) (key string, value, seconds int64, ok bool) {
	name, rest, _ := strings.Cut(l, " ")
	metric, _, _ := strings.Cut(name, ";")
	_, label, ok := strings.Cut(name, ";shop=")
	if !ok {
		return "", 0, 0, false
	}
	label, _, _ = strings.Cut(label, ";")
	number, second, _ := strings.Cut(rest, " ")
	value, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", 0, 0, false
	}
	seconds, err = strconv.ParseInt(second, 10, 64)
	return metric + " " + label, value, seconds, err == nil
}

// other is an exporter that is always well and counts its exports.
type other struct{ exports atomic.Int64 }

func (*other) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DefaultTemporalitySelector(k)
}

func (*other) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (o *other) Export(context.Context, *metricdata.ResourceMetrics) error {
	o.exports.Add(1)
	return nil
}

func (*other) ForceFlush(context.Context) error { return nil }
func (*other) Shutdown(context.Context) error   { return nil }
