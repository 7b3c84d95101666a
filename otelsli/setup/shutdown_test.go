package setup_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestShutdownIsIdempotent(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	failing := &backend{err: errors.New("disk full")}
	healthy := &backend{}
	telemetry := start(t, c, setup.WithExporter("failing", failing), setup.WithExporter("healthy", healthy),
		setup.WithInterval(time.Hour))
	sli.Record(t.Context(), labels{"web"}, otelsli.Success)

	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = telemetry.Shutdown(t.Context()) })
	}
	wg.Wait()
	for _, err := range errs {
		if err == nil || err.Error() != errs[0].Error() {
			t.Errorf("shutdown: %v, want the same error from every call", err)
		}
	}
	wantContains(t, errs[0].Error(), `"failing"`, "disk full")
	if healthy.shutdowns() != 1 || healthy.value("sli.order.total") != 1 {
		t.Errorf("the healthy exporter was shut down %d times and has %d events, want 1 and 1",
			healthy.shutdowns(), healthy.value("sli.order.total"))
	}
	if err := telemetry.Flush(t.Context()); !errors.Is(err, setup.ErrShutdown) {
		t.Errorf("flush after shutdown: %v, want ErrShutdown", err)
	}
	sli.Record(t.Context(), labels{"web"}, otelsli.Success) // goes on to work
}

func TestShutdownWithoutDeadlineIsBounded(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	hung := &backend{hang: make(chan struct{})}
	defer close(hung.hang)
	telemetry := start(t, c, setup.WithExporter("hung", hung), setup.WithShutdownTimeout(200*time.Millisecond))
	begin := time.Now()
	if err := telemetry.Shutdown(context.Background()); err == nil {
		t.Error("shutdown with a backend that hangs succeeded")
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("shutdown took %v, bounded by 200ms", took)
	}
}

// Pipelines share the deadline, not the time: each that hangs costs the others nothing.
func TestPipelinesShutDownAtTheSameTime(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	release := make(chan struct{})
	defer close(release)
	options := []setup.Option{setup.WithInterval(time.Hour)}
	for _, name := range []string{"a", "b", "c"} {
		options = append(options, setup.WithExporter(name, &backend{hang: release}))
	}
	last := &backend{}
	telemetry := start(t, c, append(options, setup.WithExporter("last", last))...)
	sli.Record(t.Context(), labels{"web"}, otelsli.Success)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := telemetry.Shutdown(ctx)
	if took := time.Since(begin); took > 2300*time.Millisecond {
		t.Errorf("shutdown took %v with a deadline of 300ms", took)
	}
	for _, name := range []string{`"a"`, `"b"`, `"c"`} {
		wantContains(t, err.Error(), name)
	}
	if last.value("sli.order.total") != 1 {
		t.Error("the last pipeline did not deliver")
	}
}

func TestDrainWaitsForOneMoreScrape(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(time.Hour)),
		setup.WithScrapeDrain(5*time.Second, 1))
	url := "http://" + telemetry.PrometheusAddr() + "/metrics"
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	wantContains(t, get(t, url), `sli_order_error_total{channel="web"} 0`) // held

	done := make(chan error, 1)
	go func() { done <- telemetry.Shutdown(context.Background()) }()
	var last string
	for begin := time.Now(); time.Since(begin) < 4*time.Second; time.Sleep(10 * time.Millisecond) {
		body, err := scrape(url)
		if err != nil {
			break // the listener closed after the scrape that it waited for
		}
		last = body
	}
	wantContains(t, last, `sli_order_error_total{channel="web"} 1`)
	if err := <-done; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// scrape is a request as Prometheus makes it.
func scrape(url string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var b strings.Builder
	_, err = io.Copy(&b, resp.Body)
	return b.String(), err
}

func TestDrainLeavesTimeForThePush(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	push := &backend{}
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"), setup.WithExporter("push", push),
		setup.WithScrapeDrain(time.Hour, 2), setup.WithInterval(time.Hour))
	sli.Record(t.Context(), labels{"web"}, otelsli.Success)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := telemetry.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if took := time.Since(begin); took < 500*time.Millisecond || took > 3*time.Second {
		t.Errorf("shutdown took %v, want about half of its 1.5s", took)
	}
	if push.value("sli.order.total") != 1 {
		t.Error("nothing was pushed after the drain")
	}
}

//nolint:paralleltest // the signal goes to the whole process
func TestRunExportsAfterASignal(t *testing.T) {
	c, sli := newSLI(t)
	exporter := &backend{}
	err := setup.Run(t.Context(), func(ctx context.Context) error {
		sli.Record(ctx, labels{"web"}, otelsli.Failed)
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		sli.Record(ctx, labels{"web"}, otelsli.Failed) // while it ends
		return ctx.Err()
	}, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithExporter("push", exporter))
	if err != nil {
		t.Errorf("run: %v", err)
	}
	if got := exporter.value("sli.order.error.total"); got != 2 {
		t.Errorf("%d failures exported, want 2", got)
	}
}

func TestRunReturnsWhatWentWrong(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	own := errors.New("cannot open the shop")
	err := setup.Run(t.Context(), func(context.Context) error { return own },
		setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithExporter("push", &backend{err: errors.New("disk full")}))
	if !errors.Is(err, own) {
		t.Errorf("run: %v, want the error of the function", err)
	}
	wantContains(t, err.Error(), "disk full", `"push"`)
}

func TestRunExportsWhenTheFunctionPanics(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	exporter := &backend{}
	defer func() {
		if r := recover(); r != "bug" {
			t.Errorf("recovered %v, want the panic of the function", r)
		}
		if got := exporter.value("sli.order.error.total"); got != 1 {
			t.Errorf("%d failures exported, want 1", got)
		}
	}()
	_ = setup.Run(t.Context(), func(ctx context.Context) error {
		sli.Record(ctx, labels{"web"}, otelsli.Failed)
		panic("bug")
	}, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithExporter("push", exporter))
}
