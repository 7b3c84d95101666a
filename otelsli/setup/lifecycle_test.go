package setup_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// TestEveryCombinationOfDoors starts, records, flushes and shuts down with each, and leaves nothing
// behind.
//
//nolint:paralleltest // it looks at the goroutines of the process
func TestEveryCombinationOfDoors(t *testing.T) {
	all := doors(t)
	for subset := range 1 << len(all) {
		var options []setup.Option
		var names []string
		for i, d := range all {
			if subset&(1<<i) != 0 {
				options, names = append(options, d.option()), append(names, d.name)
			}
		}
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			c, sli := newSLI(t)
			telemetry := start(t, c, options...)
			sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
			if err := telemetry.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if addr := telemetry.PrometheusAddr(); addr != "" {
				wantContains(t, get(t, "http://"+addr+"/metrics"), `sli_order_error_total{channel="web"} 1`)
			}
			if err := telemetry.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			goleak.VerifyNone(t, before)
		})
	}
}

// resources are what a process may leak.
type resources struct {
	goroutines, files int
	heap              uint64
}

func measure(t testing.TB) resources {
	t.Helper()
	var r resources
	for range 100 { // what has been asked to end may take a moment
		runtime.GC()
		n := runtime.NumGoroutine()
		if n == r.goroutines {
			break
		}
		r.goroutines = n
		time.Sleep(5 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.heap = m.HeapAlloc
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.files = len(files)
	}
	return r
}

// TestThousandCyclesLeaveNothing starts and shuts down in one process again and again.
//
//nolint:paralleltest // it measures the process
func TestThousandCyclesLeaveNothing(t *testing.T) {
	all := doors(t)
	defer otel.SetMeterProvider(noop.NewMeterProvider())
	c, sli := newSLI(t)
	cycle := func(n int) {
		options := []setup.Option{setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithLogger(discard)}
		for i, d := range all {
			if n%10 == 0 || n%len(all) == i { // each alone, and now and then all together
				options = append(options, d.option())
			}
		}
		telemetry, err := setup.Start(t.Context(), options...)
		if err != nil {
			t.Fatal(err)
		}
		sli.Record(t.Context(), labels{"web"}, otelsli.Success)
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Fatalf("cycle %d: %v", n, err)
		}
	}
	cycles, warm := 1000, 100
	if raceEnabled {
		cycles = 200
	}
	for n := range warm {
		cycle(n)
	}
	before := measure(t)
	for n := range cycles - warm {
		cycle(n)
	}
	after := measure(t)
	t.Logf("before %+v, after %+v", before, after)
	if after.goroutines > before.goroutines+5 {
		t.Errorf("%d goroutines, were %d", after.goroutines, before.goroutines)
	}
	if after.files > before.files+5 {
		t.Errorf("%d open files, were %d", after.files, before.files)
	}
	if after.heap > before.heap*3/2+1<<20 {
		t.Errorf("%d bytes of heap, were %d", after.heap, before.heap)
	}
}

// lateness watches how late timers are on this machine, which is no fault of what is tested, and
// returns the most so far when it is asked.
func lateness(t testing.TB) func() time.Duration {
	t.Helper()
	const step = 10 * time.Millisecond
	var most atomic.Int64
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		for {
			last := time.Now()
			select {
			case <-done:
				return
			case <-time.After(step):
				most.Store(max(most.Load(), int64(time.Since(last)-step)))
			}
		}
	}()
	return func() time.Duration { return time.Duration(most.Load()) }
}

// A stuck exporter does not return from Shutdown, whatever its context says.
type stuck struct {
	backend
	shutDown chan struct{} // nil: it returns
}

func (s *stuck) Shutdown(ctx context.Context) error {
	if s.shutDown != nil {
		<-s.shutDown
	}
	return s.backend.Shutdown(ctx)
}

// TestShutdownReturnsWithinItsDeadline, and half a second, whatever never returns; and the pipeline
// beside it has everything.
//
//nolint:paralleltest // it measures time
func TestShutdownReturnsWithinItsDeadline(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	silent := listen(t) // accepts by its backlog and never reads
	defer silent.Close()
	const deadline = 600 * time.Millisecond
	late := lateness(t)
	slow := func(context.Context, metric.Int64Observer) error { <-never; return nil }
	var wg sync.WaitGroup
	defer wg.Wait()
	for name, test := range map[string]struct {
		option   setup.Option
		failing  error // of another pipeline
		callback metric.Int64Callback
		scraper  bool
		mayPass  bool // the fault may cost nothing
	}{
		"export":       {option: setup.WithExporter("subject", &stuck{backend: backend{hang: never}})},
		"shutdown":     {option: setup.WithExporter("subject", &stuck{shutDown: never})},
		"both":         {option: setup.WithExporter("subject", &stuck{backend: backend{hang: never}, shutDown: never})},
		"callback":     {option: setup.WithExporter("subject", &backend{}), callback: slow},
		"OTLP by HTTP": {option: setup.WithOTLP(sliotlp.WithEndpoint("http://" + silent.Addr().String()))},
		"OTLP by gRPC": {option: setup.WithOTLP(sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("http://"+silent.Addr().String()))},
		"graphite":     {option: setup.WithGraphite(graphitebridge.Config{Servers: []string{"tcp://" + silent.Addr().String()}})},
		"scraper":      {option: setup.WithPrometheus("127.0.0.1:0"), scraper: true, mayPass: true},
		"logger":       {option: setup.WithLogger(slogThatHangs(never)), failing: errors.New("there is something to log")},
	} {
		wg.Go(func() {
			c, sli := newSLI(t)
			healthy := &backend{}
			telemetry := start(t, c, test.option, setup.WithExporter("failing", &backend{err: test.failing}), setup.WithExporter("healthy", healthy), setup.WithInterval(50*time.Millisecond), setup.WithTimeout(time.Minute))
			if test.callback != nil {
				_, _ = telemetry.MeterProvider().Meter("app").Int64ObservableGauge("rows", metric.WithInt64Callback(test.callback))
			}
			if test.scraper {
				conn, err := net.Dial("tcp", telemetry.PrometheusAddr())
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				fmt.Fprint(conn, "GET /metrics HTTP/1.1\r\nHost: a\r\n") // and no more
			}
			sli.Record(context.Background(), labels{"web"}, otelsli.Failed)
			ctx, cancel := context.WithTimeout(context.Background(), deadline)
			defer cancel()
			began := time.Now()
			err := telemetry.Shutdown(ctx)
			if took := time.Since(began); took > deadline+500*time.Millisecond+late() {
				t.Errorf("%s: shutdown took %v with a deadline of %v", name, took, deadline)
			}
			if !test.mayPass && err == nil {
				t.Errorf("%s: shutdown told nothing of it", name)
			}
			if got := healthy.value("sli.order.error.total"); got != 1 {
				t.Errorf("%s: the healthy backend has %d failures, want 1", name, got)
			}
		})
	}
}

// TestSecondStartSaysWhereTheFirstOneIs, by file and line.
func TestSecondStartSaysWhereTheFirstOneIs(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	options := []setup.Option{setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal()}
	telemetry, err := setup.Start(t.Context(), options...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = setup.Start(t.Context(), options...)
	if !errors.Is(err, otelsli.ErrClaimed) {
		t.Fatalf("a second Start: %v, want ErrClaimed", err)
	}
	wantContains(t, err.Error(), "setup.Start at setup/lifecycle_test.go:")
	if strings.Contains(err.Error(), string(os.PathSeparator)+"setup"+string(os.PathSeparator)) {
		t.Errorf("%v: shows more of a path than it needs", err)
	}
	err = setup.Run(t.Context(), func(context.Context) error { return nil }, options...)
	if n := strings.Count(fmt.Sprint(err), "lifecycle_test.go:"); n != 2 {
		t.Errorf("%v: want the places of both, not one within the package", err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	telemetry, err = setup.Start(t.Context(), options...)
	if err != nil {
		t.Fatalf("a Start after Shutdown: %v", err)
	}
	_ = telemetry.Shutdown(t.Context())
}

// TestProviderFlushesAllPipelines at the same time: that of the SDK would stop at the first.
func TestProviderFlushesAllPipelines(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	hung, healthy := &backend{hang: make(chan struct{})}, &backend{}
	defer close(hung.hang)
	telemetry := start(t, c, setup.WithExporter("hung", hung), setup.WithExporter("healthy", healthy), setup.WithInterval(time.Hour))
	eventually(t, func() bool { return telemetry.Health().Pipelines[1].State == setup.StateOK }) // the first export
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	flusher, ok := telemetry.MeterProvider().(interface{ ForceFlush(context.Context) error })
	if !ok {
		t.Fatal("the provider cannot be flushed")
	}
	ctx, cancel := contextThatEnds(t)
	defer cancel()
	if err := flusher.ForceFlush(ctx); err == nil || !strings.Contains(err.Error(), `"hung"`) {
		t.Errorf("flush: %v", err)
	}
	if got := healthy.value("sli.order.error.total"); got != 1 {
		t.Errorf("the healthy backend has %d failures, want 1", got)
	}
}

// TestProviderThatIsShutDown by somebody else ends the Telemetry in order.
func TestProviderThatIsShutDown(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	a, b := &backend{}, &backend{}
	telemetry := start(t, c, setup.WithExporter("a", a), setup.WithExporter("b", b), setup.WithInterval(time.Hour))
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	provider := telemetry.MeterProvider().(interface{ Shutdown(context.Context) error })
	if err := errors.Join(provider.Shutdown(t.Context()), telemetry.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
	if a.value("sli.order.error.total") != 1 || b.value("sli.order.error.total") != 1 || a.shutdowns() != 1 || b.shutdowns() != 1 {
		t.Errorf("backends have %d and %d failures and were shut down %d and %d times",
			a.value("sli.order.error.total"), b.value("sli.order.error.total"), a.shutdowns(), b.shutdowns())
	}
	if err := telemetry.Ready(); err == nil {
		t.Error("ready after Shutdown")
	}
}
