package e2e

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

const (
	faultTimeout  = 2 * time.Second // of an export
	faultInterval = 100 * time.Millisecond
	calm          = 400 * time.Millisecond // before the fault
	outageLength  = 3 * time.Second
	secondOutage  = 400 * time.Millisecond // before Shutdown
	recoveryLimit = 10 * time.Second       // for the line that an outage is over, once everything has arrived

	// shutdownGrace is within what Shutdown must return after its deadline.
	shutdownGrace = 500 * time.Millisecond
)

// A situation is a service with a pipeline that is going to fail, and what makes it fail.
type situation struct {
	pipelines  []string          // their names, as errors have them
	marks      map[string]string // what the log lines of a pipeline have, unless it is its name
	options    []setup.Option
	begin, end func()
	// delivered compares what the backend holds with what was recorded, and reports how much came more than once.
	delivered func(want map[string]float64) (surplus float64, err error)
	timeout   time.Duration // of an export; 0 is faultTimeout
	outage    time.Duration // 0 is outageLength
	between   time.Duration // the service that ended and the one that follows it
}

// A pushRow is a row of the fault matrix whose service pushes.
type pushRow struct {
	way, fault string
	// logs matches the cause, as the one line of each pipeline that fails must give it; "" where no export fails.
	logs string
	// short is that for the table.
	short string
	// duplicates are allowed: what timed out may have arrived.
	duplicates bool
	totalsOnly bool // there are no deltas
	prepare    func(t *testing.T, w *world) situation
}

func (r pushRow) names() (way, fault string) { return r.way, r.fault }

// run shows a row, or fails the test.
func (r pushRow) run(t *testing.T, w *world) verdict {
	s := r.prepare(t, w)
	service := serviceOf(t)
	l, book := newLoad(t), &logbook{}
	telemetry := w.start(t, service, l, book, s)
	v := verdict{way: r.way, fault: r.fault}

	before := l.record(t, calm)
	w.eventuallyDelivered(t, s, l)
	if lines := book.lines(); len(lines) > 0 {
		t.Errorf("logged before anything failed:\n%s", strings.Join(lines, "\n"))
	}
	s.begin()
	during := l.record(t, max(s.outage, outageLength))
	v.recording = compareCosts(t, before, during)
	outage := book.lines()
	s.end()
	w.eventuallyDelivered(t, s, l)
	v.logged = r.judgeLog(t, s, outage, func() []string { return book.lines() })

	s.begin()
	l.record(t, secondOutage)
	v.shutdown = r.judgeShutdown(t, s, telemetry)
	v.others = w.judgeOthers(t, service, l)
	s.end()
	time.Sleep(s.between)
	again := w.start(t, service, l, &logbook{}, s)
	l.record(t, faultInterval)
	if err := again.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown after the fault: %v", err)
	}
	w.judgeOthers(t, service, l)
	v.end = r.judgeEnd(t, s, l)
	return v
}

// start starts the service with the pipelines that are going to fail, one that pushes and one that is scraped.
func (w *world) start(t *testing.T, service string, l *load, book *logbook, s situation) *setup.Telemetry {
	t.Helper()
	options := append([]setup.Option{setup.WithPrometheus("127.0.0.1:0")}, s.options...)
	return w.startWith(t, service, l, book, max(s.timeout, faultTimeout), options)
}

// startWith starts the service with these options and a pipeline to the healthy receiver.
func (w *world) startWith(t *testing.T, service string, l *load, book *logbook, timeout time.Duration, options []setup.Option) *setup.Telemetry {
	t.Helper()
	healthy, err := sliotlp.New(t.Context(), sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("http://"+w.backend.healthy))
	if err != nil {
		t.Fatal(err)
	}
	telemetry, err := setup.Start(t.Context(), append([]setup.Option{
		setup.WithCatalog(l.catalog), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithService(service, ""),
		setup.WithInterval(faultInterval), setup.WithTimeout(timeout), setup.WithLogger(book.logger()),
		setup.WithExporter("healthy", healthy), setup.WithViews(withoutOwn),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = telemetry.Shutdown(ctx)
	})
	return telemetry
}

// withoutOwn leaves out what the pipelines say of themselves, which is most of an export of two series.
var withoutOwn = sdkmetric.NewView(sdkmetric.Instrument{Name: "otelsli.*"}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}})

// eventuallyDelivered waits until the backend holds what was recorded. Recording goes on meanwhile, a little.
func (w *world) eventuallyDelivered(t *testing.T, s situation, l *load) {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		_, err := s.delivered(l.want())
		return err
	})
}

// compareCosts demands that recording costs no more while the backend fails. Where that does not hold, an event waits for
// an export: milliseconds for nanoseconds. So the margin can be wide, on a busy machine.
func compareCosts(t *testing.T, before, during cost) string {
	t.Helper()
	ratio := during.relative / before.relative
	if ratio > 2 {
		t.Errorf("recording: %.2f times as slow as an SLI that is not exported while the backend fails, %.2f times before",
			during.relative, before.relative)
	}
	if during.longest > faultTimeout {
		t.Errorf("recording: one batch of %d events took %v while the backend fails", batch, during.longest)
	}
	return fmt.Sprintf("%.2f ×", ratio)
}

// judgeLog demands one line at the beginning of the outage, with its cause, and one at its end, of each pipeline that
// failed, and nothing else.
func (r pushRow) judgeLog(t *testing.T, s situation, during []string, now func() []string) string {
	t.Helper()
	if r.logs == "" {
		if lines := now(); len(lines) > 0 {
			t.Errorf("logged, though no export has failed:\n%s", strings.Join(lines, "\n"))
		}
		return "nothing: no export fails"
	}
	cause := regexp.MustCompile(r.logs)
	for _, p := range s.pipelines {
		lines := about(alarms(during), s.mark(p))
		if len(lines) != 1 || !cause.MatchString(lines[0]) {
			t.Errorf("%s: %d lines during the outage, want 1 that matches %q:\n%s", p, len(lines), cause, strings.Join(lines, "\n"))
		}
	}
	want := 2 * len(s.pipelines)
	for begin := time.Now(); len(now()) < want && time.Since(begin) < recoveryLimit; {
		time.Sleep(pollInterval)
	}
	for _, p := range s.pipelines {
		if lines := about(news(now()), s.mark(p)); len(lines) != 1 {
			t.Errorf("%s: %d lines after the outage, want 1:\n%s", p, len(lines), strings.Join(lines, "\n"))
		}
	}
	if lines := now(); len(lines) != want {
		t.Errorf("%d lines in all, want %d:\n%s", len(lines), want, strings.Join(lines, "\n"))
	}
	return "`" + r.short + "`, recovery"
}

func (s situation) mark(pipeline string) string {
	if m, ok := s.marks[pipeline]; ok {
		return m
	}
	return "pipeline=" + pipeline + " "
}

func about(lines []string, mark string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line+" ", mark) })
}

// judgeShutdown demands that Shutdown keeps its deadline and names who failed, and nobody else.
func (r pushRow) judgeShutdown(t *testing.T, s situation, telemetry *setup.Telemetry) string {
	t.Helper()
	took, err := shutdownInTime(t, telemetry)
	if err == nil || strings.Contains(err.Error(), "healthy") {
		t.Errorf("shutdown: %v, want an error that names %q alone", err, s.pipelines)
		return ""
	}
	for _, p := range s.pipelines {
		if !strings.Contains(err.Error(), `"`+p+`"`) {
			t.Errorf("shutdown: %v, want one that names %q", err, p)
		}
	}
	return fmt.Sprintf("%.2f s", took.Seconds())
}

// shutdownInTime demands that Shutdown keeps its deadline, but for what this machine is late by itself.
func shutdownInTime(t *testing.T, telemetry *setup.Telemetry) (took time.Duration, err error) {
	t.Helper()
	late := lateness(t)
	ctx, cancel := context.WithTimeout(t.Context(), shutdownDeadline)
	defer cancel()
	begin := time.Now()
	err = telemetry.Shutdown(ctx)
	took = time.Since(begin)
	if took > shutdownDeadline+shutdownGrace+late() {
		t.Errorf("shutdown took %v with a deadline of %v", took, shutdownDeadline)
	}
	return took, err
}

// lateness watches how late timers are from now on, and returns the most when it is asked.
func lateness(t *testing.T) func() time.Duration {
	t.Helper()
	const step = 10 * time.Millisecond
	var most time.Duration
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			last := time.Now()
			select {
			case <-done:
				return
			case <-time.After(step):
				most = max(most, time.Since(last)-step)
			}
		}
	})
	return func() time.Duration {
		close(done)
		watching.Wait()
		return most
	}
}

// judgeOthers demands that the healthy receiver holds exactly what was recorded.
func (w *world) judgeOthers(t *testing.T, service string, l *load) string {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		got, err := w.backend.unharmed.totals(service, false)
		if err != nil {
			return err
		}
		return compareTotals(got, l.want())
	})
	return "exact"
}

// judgeEnd demands that everything has arrived in the end.
func (r pushRow) judgeEnd(t *testing.T, s situation, l *load) string {
	t.Helper()
	var surplus float64
	Eventually(t, answerLimit, func() (err error) {
		surplus, err = s.delivered(l.want())
		return err
	})
	if surplus > 0 && !r.duplicates {
		t.Errorf("%v events came more than once", surplus)
	}
	return r.promise()
}

// promise is what the row has shown of the time after the fault, for the table.
func (r pushRow) promise() string {
	switch {
	case r.totalsOnly:
		return "all totals right"
	case r.duplicates:
		return "all totals right, deltas at least once"
	}
	return "all totals right, deltas exact"
}
