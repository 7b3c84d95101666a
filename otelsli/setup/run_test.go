package setup_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// run runs f with an exporter, and cancels its context at once where cancelled is set.
func run(t *testing.T, cancelled bool, f func(context.Context) error, options ...setup.Option) (*backend, error) {
	t.Helper()
	c, sli := newSLI(t)
	b := &backend{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := setup.Run(ctx, func(ctx context.Context) error {
		sli.Record(ctx, labels{"web"}, otelsli.Success)
		if cancelled {
			cancel()
		}
		return f(ctx)
	}, append(options, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithLogger(discard),
		setup.WithExporter("push", b))...)
	return b, err
}

// An uncomparable is an error that == must not see.
type uncomparable []string

func (u uncomparable) Error() string { return fmt.Sprint([]string(u)) }

func TestRunTellsAnEndFromAFailure(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		cancelled bool
		err       func(context.Context) error
		want      error
	}{
		"nil":                        {false, func(context.Context) error { return nil }, nil},
		"cancelled":                  {true, context.Context.Err, nil},
		"cancelled, wrapped":         {true, func(ctx context.Context) error { return fmt.Errorf("a: %w", fmt.Errorf("b: %w", ctx.Err())) }, nil},
		"cancelled, joined":          {true, func(ctx context.Context) error { return errors.Join(ctx.Err(), context.Cause(ctx)) }, nil},
		"cancelled beside a failure": {true, func(ctx context.Context) error { return errors.Join(ctx.Err(), boom) }, boom},
		"failure":                    {true, func(context.Context) error { return boom }, boom},
		"uncomparable failure":       {true, func(context.Context) error { return fmt.Errorf("a: %w", uncomparable{"b"}) }, errAny},
		"cancelled by itself":        {false, func(context.Context) error { return context.Canceled }, context.Canceled},
		"deadline":                   {true, func(context.Context) error { return context.DeadlineExceeded }, context.DeadlineExceeded},
	} {
		for _, grace := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprintf("%s, grace period %v", name, grace), func(t *testing.T) {
				t.Parallel()
				b, err := run(t, test.cancelled, test.err, setup.WithGracePeriod(grace))
				if wantAny := errors.Is(test.want, errAny); wantAny && err == nil || !wantAny && !errors.Is(err, test.want) {
					t.Errorf("Run: %v, want %v", err, test.want)
				}
				if got := b.value("sli.order.total"); got != 1 {
					t.Errorf("%d events exported, want 1", got)
				}
			})
		}
	}
}

var errAny = errors.New("any error")

// The caller's own reason for the end is none to fail, and no excuse for a failure beside it.
func TestRunKnowsTheCauseOfTheEnd(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, cause := range map[string]error{
		"leaf": errors.New("moved to another machine"), "wrapped": fmt.Errorf("moved: %w", boom),
		"joined": errors.Join(boom, context.Canceled), "uncomparable": uncomparable{"moved"},
		"uncomparable within": struct{ error }{uncomparable{"moved"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newSLI(t)
			serve := func(f func(context.Context) error) error {
				ctx, cancel := context.WithCancelCause(t.Context())
				return setup.Run(ctx, func(ctx context.Context) error { cancel(cause); return f(ctx) },
					setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithLogger(discard))
			}
			err := serve(func(ctx context.Context) error { return fmt.Errorf("serve: %w", context.Cause(ctx)) })
			if failed := strings.HasPrefix(name, "uncomparable"); (err != nil) != failed {
				t.Errorf("Run: %v", err)
			}
			err = serve(func(ctx context.Context) error { return errors.Join(context.Cause(ctx), errAny) })
			if !errors.Is(err, errAny) {
				t.Errorf("Run: %v, want the failure", err)
			}
		})
	}
}

func TestFromContext(t *testing.T) {
	t.Parallel()
	if got := setup.FromContext(t.Context()); got != nil {
		t.Errorf("FromContext outside of Run: %v", got)
	}
	c, _ := newSLI(t)
	err := setup.Run(t.Context(), func(ctx context.Context) error {
		w := httptest.NewRecorder()
		setup.FromContext(ctx).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		wantContains(t, w.Body.String(), "sli_order_total")
		return nil
	}, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithPrometheusHandler())
	if err != nil {
		t.Error(err)
	}
}

func TestGracePeriod(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	returned := make(chan struct{})
	b, err := run(t, true, func(context.Context) error {
		defer close(returned)
		<-release
		return errors.New("too late for anybody")
	}, setup.WithGracePeriod(20*time.Millisecond))
	if !errors.Is(err, setup.ErrNotReturned) {
		t.Errorf("Run: %v, want ErrNotReturned", err)
	}
	wantContains(t, err.Error(), "20ms")
	if got := b.value("sli.order.total"); got != 1 {
		t.Errorf("%d events exported without the function, want 1", got)
	}
	close(release)
	<-returned
	if b.shutdowns() != 1 {
		t.Errorf("the exporter was shut down %d times, want once", b.shutdowns())
	}
}

func TestTimesOfRunByVariable(t *testing.T) {
	t.Setenv("OTELSLI_GRACE_PERIOD", "20")
	release := make(chan struct{})
	c, _ := newSLI(t)
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan struct{})
	err := setup.Run(ctx, func(context.Context) error { defer close(returned); cancel(); <-release; return nil },
		setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard), setup.WithExporter("push", &backend{}))
	if !errors.Is(err, setup.ErrNotReturned) {
		t.Errorf("Run: %v, want ErrNotReturned", err)
	}
	close(release)
	<-returned

	// That nothing is exported must not change how a service ends.
	t.Run("disabled", func(t *testing.T) {
		t.Setenv("OTEL_SDK_DISABLED", "true")
		ctx, cancel := context.WithCancel(t.Context())
		release, returned := make(chan struct{}), make(chan struct{})
		err := setup.Run(ctx, func(context.Context) error { defer close(returned); cancel(); <-release; return nil }, setup.WithLogger(discard))
		if !errors.Is(err, setup.ErrNotReturned) {
			t.Errorf("Run: %v, want ErrNotReturned", err)
		}
		close(release)
		<-returned
	})

	for _, variable := range []string{"OTELSLI_GRACE_PERIOD", "OTELSLI_TERMINATION_DELAY"} {
		t.Setenv(variable, "5s")
		_, err := setup.Start(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(), setup.WithExporter("push", &backend{}))
		if err == nil {
			t.Errorf("%s=5s is accepted", variable)
			continue
		}
		wantContains(t, err.Error(), variable, `"5s"`, "milliseconds")
	}
}

// The default can be written down, as where it replaces that of another file.
func TestNoTerminationDelayByVariable(t *testing.T) {
	t.Setenv("OTELSLI_TERMINATION_DELAY", "0")
	r, err := setup.Check(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithExporter("push", &backend{}))
	if err != nil {
		t.Error(err)
	}
	for _, s := range r.Settings {
		if s.Name == "OTELSLI_TERMINATION_DELAY" && (s.Value != "0" || s.Source.Kind != setup.FromVariable) {
			t.Errorf("setting %+v", s)
		}
	}
}

func TestTimesOfRunAreChecked(t *testing.T) {
	t.Parallel()
	_, err := setup.Start(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithGracePeriod(-time.Second), setup.WithTerminationDelay(-time.Minute))
	if err == nil {
		t.Fatal("negative times are accepted")
	}
	wantContains(t, err.Error(), "WithGracePeriod", "-1s", "WithTerminationDelay", "-1m0s", "positive")
}
