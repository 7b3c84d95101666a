package slisdk

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestShutdownExportsForTheLastTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		e := newDelta()
		p := newPipeline(t, c, e)
		p.Start()
		synctest.Wait()
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		shutdown(t, p)
		if got := e.sum("sli.order.total"); got != 1 || e.shutdowns != 1 {
			t.Errorf("delivered %v, %d shutdowns of the exporter", got, e.shutdowns)
		}
		if err := p.Flush(t.Context()); !errors.Is(err, ErrShutdown) {
			t.Errorf("Flush returned %v, want ErrShutdown", err)
		}
		time.Sleep(time.Hour)
		if n := len(e.tried()); n != 2 {
			t.Errorf("%d exports, want the first and the last", n)
		}
	})
}

func TestShutdownRightAfterStartExports(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	e := newDelta()
	p := newPipeline(t, c, e, WithoutFirstExport())
	p.Start()
	s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
	shutdown(t, p)
	if got := e.sum("sli.order.total"); got != 1 {
		t.Errorf("delivered %v, want 1", got)
	}
}

func TestShutdownOfUnusedPipelineExportsNothing(t *testing.T) {
	t.Parallel()
	e := &exporterFake{}
	c := otelsli.NewCatalog()
	newSLI(t, c, "order")
	shutdown(t, newPipeline(t, c, e))
	if len(e.tried()) != 0 || e.shutdowns != 1 {
		t.Errorf("%d exports, %d shutdowns", len(e.tried()), e.shutdowns)
	}
}

func TestShutdownIsIdempotent(t *testing.T) {
	t.Parallel()
	e := &exporterFake{onShutdown: func(context.Context) error { return errors.New("broken pipe") }}
	p := newPipeline(t, otelsli.NewCatalog(), e)
	p.Start()
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			wantError(t, p.Shutdown(context.Background()), `slisdk: pipeline "test": shut down exporter: broken pipe`)
		})
	}
	callers.Wait()
	if e.shutdowns != 1 {
		t.Errorf("%d shutdowns of the exporter", e.shutdowns)
	}
}

func TestSecondShutdownKeepsItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{onShutdown: func(context.Context) error { time.Sleep(time.Minute); return nil }}
		p := newPipeline(t, otelsli.NewCatalog(), e)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		go func() { _ = p.Shutdown(ctx) }()
		synctest.Wait()
		short, cancelShort := context.WithTimeout(t.Context(), time.Second)
		defer cancelShort()
		began := time.Now()
		err := p.Shutdown(short)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("returned %v after %v", err, time.Since(began))
		}
		if err := p.Shutdown(ctx); err != nil {
			t.Errorf("a third call, with time enough: %v", err)
		}
	})
}

// TestShutdownThatIsOverHasItsResult, though the context of whoever asks for it is over too.
func TestShutdownThatIsOverHasItsResult(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, otelsli.NewCatalog(), &exporterFake{})
	shutdown(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if err := p.Shutdown(ctx); err != nil {
			t.Fatalf("returned %v, want nil as the first call did", err)
		}
	}
}

// TestShutdownLetsARunningExportFinish wants neither a cancelled export nor an error.
func TestShutdownLetsARunningExportFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		e := newDelta()
		e.setAct(sleep(2 * time.Second))
		var log errorLog
		p := newPipeline(t, c, e, WithErrorHandler(log.handle))
		p.Start()
		time.Sleep(time.Second)
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if err := errors.Join(p.Shutdown(ctx), log.err()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 3*time.Second || len(e.arrived()) != 2 || e.sum("sli.order.total") != 1 {
			t.Errorf("took %v, %d exports, sum %v", took, len(e.arrived()), e.sum("sli.order.total"))
		}
	})
}

// sleep is an export that takes its time but heeds its context.
func sleep(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// TestShutdownCutsALongExportShort gives the last export its chance, and is silent about the other.
func TestShutdownCutsALongExportShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		e := newDelta()
		e.setAct(sleep(20 * time.Second))
		var log errorLog
		p := newPipeline(t, c, e, WithErrorHandler(log.handle))
		p.Start()
		synctest.Wait()
		e.setAct(nil)
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if err := errors.Join(p.Shutdown(ctx), log.err()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 5*time.Second || e.sum("sli.order.total") != 1 {
			t.Errorf("took %v, sum %v", took, e.sum("sli.order.total"))
		}
	})
}

// TestShutdownKeepsItsDeadline against all that can hang. None of it may hang for ever here, or the
// test would not end.
func TestShutdownKeepsItsDeadline(t *testing.T) {
	t.Parallel()
	ignore := func(context.Context) error { time.Sleep(time.Hour); return nil }
	heed := func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond)
		return errors.New("gave up in time")
	}
	inTime := func(ctx context.Context) error { return ctx.Err() }
	for name, test := range map[string]struct {
		exporter *exporterFake
		handler  func(error)
		parts    []string
	}{
		"export ignores its context": {
			&exporterFake{act: ignore}, nil,
			[]string{`pipeline "test": export: an export before it has not returned (exporter *slisdk.exporterFake): context deadline exceeded`},
		},
		"export heeds its context": {&exporterFake{act: heed, onShutdown: inTime}, nil, []string{`pipeline "test": export: gave up in time`}},
		"shutdown ignores its context": {
			&exporterFake{onShutdown: ignore}, nil,
			[]string{`pipeline "test": shut down exporter: has not returned in time and is abandoned: context deadline exceeded`},
		},
		"shutdown heeds its context": {&exporterFake{onShutdown: heed}, nil, []string{"shut down exporter: gave up in time"}},
		"error handler hangs": {
			&exporterFake{act: func(context.Context) error { return errors.New("refused") }},
			func(error) { time.Sleep(time.Hour) },
			[]string{"export: refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := otelsli.NewCatalog()
				newSLI(t, c, "order")
				p := newPipeline(t, c, test.exporter, WithErrorHandler(test.handler))
				p.Start()
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				began := time.Now()
				err := p.Shutdown(ctx)
				wantError(t, err, test.parts...)
				if n := strings.Count(err.Error(), "slisdk: "); n != 1 {
					t.Errorf("%d errors, want one: %v", n, err)
				}
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("took %v", took)
				}
				time.Sleep(2 * time.Hour) // for what was abandoned
			})
		})
	}
}

// TestShutdownWithoutDeadline is bounded by the timeout.
func TestShutdownWithoutDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{onShutdown: sleep(time.Hour)}
		p := newPipeline(t, otelsli.NewCatalog(), e, WithTimeout(7*time.Second))
		p.Start()
		began := time.Now()
		if err := p.Shutdown(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("returned %v", err)
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestShutdownWithEndedContextStillShutsTheExporterDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{}
		p := newPipeline(t, otelsli.NewCatalog(), e)
		p.Start()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Shutdown(ctx); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "shut down exporter") {
			t.Errorf("returned %v, want just that nothing was exported", err)
		}
		synctest.Wait()
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.shutdowns != 1 {
			t.Errorf("%d shutdowns of the exporter", e.shutdowns)
		}
	})
}

// TestShutdownEndsAFlush that waits for a blocked backend.
func TestShutdownEndsAFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &exporterFake{act: sleep(time.Hour)}
		p := newPipeline(t, otelsli.NewCatalog(), e)
		flushed := make(chan error, 2)
		for range 2 {
			go func() { flushed <- p.Flush(context.Background()) }()
		}
		synctest.Wait()
		e.setAct(nil)
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		for range 2 {
			if err := <-flushed; !errors.Is(err, ErrShutdown) && !errors.Is(err, context.Canceled) {
				t.Errorf("Flush: %v", err)
			}
		}
		if e.most != 1 {
			t.Errorf("%d exports at a time", e.most)
		}
	})
}

func TestBrokenExporterIsReported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act  func(context.Context) error
		text string
	}{
		"error": {func(context.Context) error { return errors.New("refused") }, "export: refused"},
		"panic": {func(context.Context) error { panic("nil client") }, "export: panicked: nil client"},
		"exit":  {func(context.Context) error { runtime.Goexit(); return nil }, "export: ended its goroutine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log errorLog
				c := otelsli.NewCatalog()
				s := newSLI(t, c, "order")
				e := newDelta()
				e.setAct(test.act)
				p := newPipeline(t, c, e, WithErrorHandler(log.handle))
				p.Start()
				synctest.Wait()
				wantError(t, log.err(), `slisdk: pipeline "test": `+test.text)
				s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
				e.setAct(nil)
				shutdown(t, p)
				if got := e.sum("sli.order.total"); got != 1 {
					t.Errorf("delivered %v after all, want 1", got)
				}
			})
		})
	}
}

func TestFlushReportsTheExportersFlush(t *testing.T) {
	t.Parallel()
	e := &exporterFake{onFlush: func(context.Context) error { return errors.New("disk full") }}
	p := newPipeline(t, otelsli.NewCatalog(), e)
	wantError(t, p.Flush(t.Context()), `pipeline "test": flush exporter: disk full`)
	e.setAct(func(context.Context) error { return errors.New("refused") })
	wantError(t, p.Flush(t.Context()), `pipeline "test": export: refused`, `pipeline "test": flush exporter: disk full`)
}

// TestBlockedExporterDelaysNobodyElse runs two pipelines, one of them blocked.
func TestBlockedExporterDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		release := make(chan struct{})
		blocked := &exporterFake{act: func(context.Context) error { <-release; return nil }}
		var log errorLog
		b, err := NewPipeline("blocked", c, blocked, WithErrorHandler(log.handle))
		if err != nil {
			t.Fatal(err)
		}
		free := &exporterFake{temporality: metricdata.DeltaTemporality}
		p := newPipeline(t, c, free)
		b.Start()
		p.Start()
		began := time.Now()
		for range 10 {
			time.Sleep(time.Minute)
			s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		}
		if took := time.Since(began); took != 10*time.Minute {
			t.Errorf("recording took %v", took-10*time.Minute)
		}
		synctest.Wait()
		if n := len(free.arrived()); n != 11 {
			t.Errorf("%d exports beside the blocked one, want 11", n)
		}
		shutdown(t, p)
		wantError(t, log.err(), `pipeline "blocked": export: has not returned in time`, `pipeline "blocked": export: an export before it`)
		close(release)
		synctest.Wait()
		blocked.setAct(nil)
		shutdown(t, b)
		if blocked.most != 1 {
			t.Errorf("%d exports at a time", blocked.most)
		}
	})
}

// TestShutdownOfTheExporterHasTimeLeft, though the last export used up its own.
func TestShutdownOfTheExporterHasTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := false
		e := &exporterFake{onShutdown: func(ctx context.Context) error { down = ctx.Err() == nil; return errors.New("no") }}
		p := newPipeline(t, otelsli.NewCatalog(), e)
		flush(t, p)
		e.setAct(func(context.Context) error { time.Sleep(time.Hour); return nil })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		wantError(t, p.Shutdown(ctx), `pipeline "test": export: has not returned in time`, `pipeline "test": shut down exporter: no`)
		if !down {
			t.Error("the exporter was shut down too late")
		}
		time.Sleep(time.Hour)
	})
}
