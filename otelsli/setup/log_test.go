package setup_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A logFile keeps lines, without their times.
type logFile struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (f *logFile) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.Write(b)
}

func (f *logFile) text() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.String()
}

func (f *logFile) lines() []string {
	var lines []string
	for line := range strings.Lines(f.text()) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

func (f *logFile) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.Attr{}
		}
		return a
	}}))
}

// TestWhatIsLogged plays a fault of ten minutes and reads the log.
func TestWhatIsLogged(t *testing.T) {
	t.Parallel()
	const (
		kept  = `kept="everything: the next export that arrives has the totals"`
		since = "since=2000-01-01T00:01:00Z"
	)
	callback := errors.New("no database")
	for name, test := range map[string]struct {
		deltas   metricdata.Temporality
		act      func(context.Context) error
		callback error
		want     []string
	}{
		"nothing": {},
		"failed": {act: func(context.Context) error { return errors.New("503") }, want: []string{
			`level=WARN msg="otelsli: export fails" pipeline=archive result=failed ` + kept + ` error=503`,
			`level=WARN msg="otelsli: export fails" pipeline=archive result=failed ` + kept + ` failures=6 ` + since + ` for=5m0s error=503`,
			`level=INFO msg="otelsli: export works again" pipeline=archive failures=10 after=10m0s`,
		}},
		"timeout": {act: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, want: []string{
			`level=WARN msg="otelsli: export fails" pipeline=archive result=timeout ` + kept + ` error="context deadline exceeded"`,
			`level=WARN msg="otelsli: export fails" pipeline=archive result=timeout ` + kept + ` failures=6 since=2000-01-01T00:01:09Z for=5m0s error="context deadline exceeded"`,
			`level=INFO msg="otelsli: export works again" pipeline=archive failures=10 after=9m51s`,
		}},
		"partial": {act: func(context.Context) error {
			return errors.New("OTLP partial success: old (2 metric data points rejected)")
		}, want: []string{
			`level=WARN msg="otelsli: the receiver does not take all of an export" pipeline=archive rejected=2 points=N error="OTLP partial success: old (2 metric data points rejected)"`,
			`level=WARN msg="otelsli: the receiver does not take all of an export" pipeline=archive rejected=2 points=N failures=6 ` + since + ` for=5m0s error="OTLP partial success: old (2 metric data points rejected)"`,
			`level=INFO msg="otelsli: the receiver takes all of an export again" pipeline=archive failures=10 after=10m0s`,
		}},
		"warning": {act: func(context.Context) error {
			return errors.New("OTLP partial success: use units (0 metric data points rejected)")
		}, want: []string{
			`level=WARN msg="otelsli: the receiver takes an export with a warning" pipeline=archive error="OTLP partial success: use units (0 metric data points rejected)"`,
			`level=WARN msg="otelsli: the receiver takes an export with a warning" pipeline=archive failures=6 ` + since + ` for=5m0s error="OTLP partial success: use units (0 metric data points rejected)"`,
			`level=INFO msg="otelsli: the receiver takes exports without a warning again" pipeline=archive failures=10 after=10m0s`,
		}},
		"callback": {callback: callback, want: []string{
			`level=WARN msg="otelsli: collecting the application's metrics fails" pipeline=archive kept="the SLIs, which are exported all the same" error="no database"`,
			`level=WARN msg="otelsli: collecting the application's metrics fails" pipeline=archive kept="the SLIs, which are exported all the same" failures=6 ` + since + ` for=5m0s error="no database"`,
			`level=INFO msg="otelsli: collecting the application's metrics works again" pipeline=archive failures=10 after=10m0s`,
		}},
		"deltas": {
			deltas: metricdata.DeltaTemporality,
			act:    func(context.Context) error { return errors.New("503") },
			want: []string{
				`level=WARN msg="otelsli: export fails" pipeline=archive result=failed kept="the SLIs: the next export that arrives has what this one had" lost=N lost_from="data points of metrics that are no SLIs, those about the pipelines included" error=503`,
				`level=WARN msg="otelsli: export fails" pipeline=archive result=failed kept="the SLIs: the next export that arrives has what this one had" lost=N lost_from="data points of metrics that are no SLIs, those about the pipelines included" failures=6 ` + since + ` for=5m0s error=503`,
				`level=INFO msg="otelsli: export works again" pipeline=archive failures=10 after=10m0s`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := newSLI(t)
				exporter, log := &witness{}, &logFile{}
				exporter.temporality = test.deltas
				telemetry := start(t, c, setup.WithLogger(log.logger()), setup.WithExporter("archive", exporter),
					setup.WithInterval(time.Minute), setup.WithTimeout(10*time.Second))
				var mu sync.Mutex
				var failing error
				gauge, err := telemetry.MeterProvider().Meter("app").Int64ObservableGauge("rows",
					metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
						mu.Lock()
						defer mu.Unlock()
						return failing
					}))
				if err != nil || gauge == nil {
					t.Fatal(err)
				}
				set := func(act func(context.Context) error, err error) {
					mu.Lock()
					defer mu.Unlock()
					exporter.setAct(act)
					failing = err
				}
				synctest.Wait()
				set(test.act, test.callback)
				time.Sleep(10*time.Minute + 30*time.Second)
				set(nil, nil)
				time.Sleep(time.Minute)
				synctest.Wait()
				got := log.lines()
				for i := range got {
					got[i] = withoutNumber(withoutNumber(got[i], "points="), "lost=")
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// withoutNumber puts N in the place of what follows key.
func withoutNumber(line, key string) string {
	before, after, ok := strings.Cut(line, " "+key)
	if !ok {
		return line
	}
	return before + " " + key + "N" + strings.TrimLeft(after, "0123456789")
}

// TestFlushAndShutdownReturnTheirErrors and write nothing: their callers know what to do.
func TestFlushAndShutdownReturnTheirErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newSLI(t)
		exporter, log := &witness{}, &logFile{}
		telemetry := start(t, c, setup.WithLogger(log.logger()), setup.WithExporter("archive", exporter), setup.WithInterval(time.Hour))
		synctest.Wait() // the first export
		exporter.setAct(func(context.Context) error { return errors.New("503") })
		if err := telemetry.Flush(t.Context()); err == nil {
			t.Error("Flush succeeded")
		}
		if err := telemetry.Shutdown(t.Context()); err == nil {
			t.Error("Shutdown succeeded")
		}
		if got := log.text(); got != "" {
			t.Errorf("log:\n%s", got)
		}
	})
}

// TestLinesNameTheEndpointAndNoSecret exports to where nobody listens, with a token.
func TestLinesNameTheEndpointAndNoSecret(t *testing.T) {
	t.Parallel()
	for _, protocol := range []sliotlp.Protocol{sliotlp.HTTPProtobuf, sliotlp.GRPC} {
		t.Run(protocol.String(), func(t *testing.T) {
			t.Parallel()
			c, _ := newSLI(t)
			address, log := refused, &logFile{}
			telemetry := start(t, c, setup.WithLogger(log.logger()), setup.WithInterval(10*time.Millisecond), setup.WithTimeout(200*time.Millisecond),
				setup.WithOTLP(sliotlp.WithProtocol(protocol), sliotlp.WithEndpoint("http://"+address),
					sliotlp.WithHeaders(map[string]string{"authorization": "Bearer s3cret"})))
			eventually(t, func() bool { return strings.Contains(log.text(), "export fails") })
			wantContains(t, log.text(), "pipeline=otlp", "endpoint=http://"+address)
			health := telemetry.Health().Pipelines[0]
			if strings.Contains(log.text()+health.LastError+health.Endpoint, "s3cret") {
				t.Errorf("a secret is shown:\n%s%+v", log.text(), health)
			}
			if n := strings.Count(log.text(), "\n"); n != 1 {
				t.Errorf("%d lines:\n%s", n, log.text())
			}
		})
	}
}

func eventually(t testing.TB, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 10 s")
		}
	}
}

// TestLongErrorsAreCut: a proxy may answer with a page of HTML.
func TestLongErrorsAreCut(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	log := &logFile{}
	telemetry := start(t, c, setup.WithLogger(log.logger()), setup.WithExporter("archive", &backend{err: errors.New("x" + strings.Repeat("é", 10_000))}),
		setup.WithInterval(time.Hour))
	eventually(t, func() bool { return log.text() != "" })
	if n := len(log.text()); n > 1000 {
		t.Errorf("a line of %d bytes", n)
	}
	if n := len(telemetry.Health().Pipelines[0].LastError); n > 600 {
		t.Errorf("a last error of %d bytes", n)
	}
	if text := telemetry.Health().Pipelines[0].LastError; !utf8.ValidString(text) {
		t.Errorf("cut within a letter: …%q", text[len(text)-6:])
	}
}

// In a process of its own: the error handler belongs to all of it.
func TestErrorsOfOpenTelemetry(t *testing.T) {
	t.Parallel()
	const variable = "OTELSLI_TEST_IN_OWN_PROCESS"
	if os.Getenv(variable) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), variable+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	c, _ := newSLI(t)
	before := otel.GetErrorHandler()
	start(t, c)
	if otel.GetErrorHandler() != before {
		t.Error("Start has changed the error handler, and nobody has asked for it")
	}
	c, _ = newSLI(t)
	log := &logFile{}
	start(t, c, setup.WithLogger(log.logger()), setup.WithOTelErrors())
	for range 30 {
		otel.Handle(errors.New("duplicate instrument"))
		otel.Handle(nil)
	}
	const line = `level=WARN msg="otelsli: OpenTelemetry reports an error" error="duplicate instrument"`
	if n := strings.Count(log.text(), line); n != 10 {
		t.Errorf("%d lines, want 10:\n%s", n, log.text())
	}
}

// slogThatHangs returns a logger whose lines are never written.
func slogThatHangs(until <-chan struct{}) *slog.Logger {
	return slog.New(hanging{slog.DiscardHandler, until})
}

type hanging struct {
	slog.Handler
	until <-chan struct{}
}

func (hanging) Enabled(context.Context, slog.Level) bool { return true }

func (h hanging) Handle(context.Context, slog.Record) error { <-h.until; return nil }

func (h hanging) WithAttrs([]slog.Attr) slog.Handler { return h }
