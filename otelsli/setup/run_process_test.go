package setup_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// runVariable makes the test program the program of one of the cases below.
const runVariable = "OTELSLI_TEST_RUN"

// A program is what a main function gives to Run. say tells the test what happens.
type program struct {
	options []setup.Option
	hang    bool          // every export
	within  time.Duration // that the caller gives to Run; 0 is no end
	f       func(ctx context.Context) error
}

func say(what string, args ...any) { fmt.Printf(what+"\n", args...) }

func waitFor(ctx context.Context) error {
	say("ready")
	<-ctx.Done()
	say("cancelled")
	return ctx.Err()
}

// closeSlowly has something to do after the end of its context, until its input ends.
func closeSlowly(ctx context.Context) error {
	err := waitFor(ctx)
	time.Sleep(100 * time.Millisecond) // whatever Run does at the end of its context
	say("closing")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return err
}

// misbehave is looked for in the stack of the panic.
func misbehave(context.Context) error { panic("bug") }

// watchReadiness ends when the process says that it is not ready, which is before it has to.
func watchReadiness(ctx context.Context) error {
	ready := func() int {
		w := httptest.NewRecorder()
		setup.FromContext(ctx).ReadyHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	if code := ready(); code != http.StatusOK {
		return fmt.Errorf("/readyz is %d before the signal", code)
	}
	say("ready")
	for ready() != http.StatusServiceUnavailable {
		time.Sleep(time.Millisecond)
	}
	return ctx.Err() // nil
}

func programs() map[string]program {
	hour := setup.WithTerminationDelay(time.Hour)
	return map[string]program{
		"orderly": {f: waitFor},
		"cause":   {f: func(ctx context.Context) error { _ = waitFor(ctx); return fmt.Errorf("serve: %w", context.Cause(ctx)) }},
		"failure": {f: func(context.Context) error { return errors.New("cannot open the shop") }},
		"failure after the signal": {f: func(ctx context.Context) error {
			return errors.Join(waitFor(ctx), errors.New("cannot close the shop"))
		}},
		"panic":                     {f: misbehave},
		"panic with a grace period": {f: misbehave, options: []setup.Option{setup.WithGracePeriod(time.Hour)}},
		"deaf":                      {f: func(ctx context.Context) error { _ = waitFor(ctx); select {} }},
		"deaf with a grace period": {
			f:       func(ctx context.Context) error { _ = waitFor(ctx); select {} },
			options: []setup.Option{setup.WithGracePeriod(50 * time.Millisecond)},
		},
		"orderly with a grace period": {f: waitFor, options: []setup.Option{setup.WithGracePeriod(time.Hour)}},
		"ended by its caller":         {f: closeSlowly, within: time.Millisecond},
		"ended by its caller, deaf":   {f: func(ctx context.Context) error { _ = waitFor(ctx); select {} }, within: time.Millisecond},
		"hanging export":              {f: waitFor, hang: true},
		"short delay":                 {f: waitFor, options: []setup.Option{setup.WithTerminationDelay(300 * time.Millisecond)}},
		"long delay":                  {f: waitFor, options: []setup.Option{hour}},
		"readiness":                   {f: watchReadiness, options: []setup.Option{hour, setup.WithPrometheusHandler()}},
		"ends within the delay": {
			f:       func(context.Context) error { say("ready"); time.Sleep(200 * time.Millisecond); return nil },
			options: []setup.Option{hour},
		},
	}
}

// A reporter says what it exports, and its end.
type reporter struct {
	backend
	hanging bool
}

func (r *reporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if r.hanging {
		select {}
	}
	err := r.backend.Export(ctx, rm)
	say("exported %d", r.value("sli.order.total"))
	return err
}

// TestRunProgram is no test: it is the main function of the programs.
func TestRunProgram(t *testing.T) { //nolint:paralleltest // it ends the process
	p, ok := programs()[os.Getenv(runVariable)]
	if !ok {
		t.Skipf("%s names no program", runVariable)
	}
	c, sli := newSLI(t)
	options := append([]setup.Option{
		setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithLogger(discard),
		setup.WithExporter("push", &reporter{hanging: p.hang}), setup.WithInterval(time.Hour),
	}, p.options...)
	ctx, cancel := context.WithCancel(context.Background())
	if p.within > 0 {
		time.AfterFunc(p.within, cancel)
	}
	err := setup.Run(ctx, func(ctx context.Context) error {
		sli.Record(ctx, labels{"web"}, otelsli.Success)
		return p.f(ctx)
	}, options...)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (r *reporter) Shutdown(ctx context.Context) error {
	say("shut down")
	return r.backend.Shutdown(ctx)
}

// A child is a running program.
type child struct {
	cmd    *exec.Cmd
	in     io.Closer
	out    *bufio.Scanner
	said   []string
	stderr *log
}

func startChild(t *testing.T, name string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunProgram$", "-test.v"), stderr: &log{}}
	c.cmd.Env = append(os.Environ(), runVariable+"="+name)
	c.cmd.Stderr = c.stderr
	c.cmd.WaitDelay = time.Second
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// await reads what the program says until it says what.
func (c *child) await(t *testing.T, what string) {
	t.Helper()
	for c.out.Scan() {
		c.said = append(c.said, c.out.Text())
		if c.out.Text() == what {
			return
		}
	}
	t.Fatalf("the program did not say %q, but %q; stderr:\n%s", what, c.said, c.stderr)
}

func (c *child) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// end waits for the end of the program and returns its status and all that it said.
func (c *child) end(t *testing.T) (status string, said []string) {
	t.Helper()
	c.in.Close()
	for c.out.Scan() {
		c.said = append(c.said, c.out.Text())
	}
	if err := c.cmd.Wait(); err != nil && errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	return c.cmd.ProcessState.String(), c.said
}

func TestRunInAProcess(t *testing.T) {
	t.Parallel()
	const none = syscall.Signal(0)
	for _, test := range []struct {
		program string
		signal  os.Signal // after it said that it is ready
		after   string    // what it says before the second signal; "" is no second one
		second  os.Signal
		status  string
		stderr  []string
		lost    bool // there is no last export
	}{
		{program: "orderly", signal: syscall.SIGTERM, status: "exit status 0"},
		{program: "orderly", signal: syscall.SIGINT, status: "exit status 0"},
		{program: "orderly with a grace period", signal: syscall.SIGTERM, status: "exit status 0"},
		{program: "cause", signal: syscall.SIGTERM, status: "exit status 0"},
		{program: "failure", signal: none, status: "exit status 1", stderr: []string{"cannot open the shop"}},
		{program: "failure after the signal", signal: syscall.SIGTERM, status: "exit status 1", stderr: []string{"cannot close the shop"}},
		{program: "panic", signal: none, status: "exit status 2", stderr: []string{"panic: bug", "setup_test.misbehave"}},
		{program: "panic with a grace period", signal: none, status: "exit status 2", stderr: []string{"panic: bug", "setup_test.misbehave"}},
		{program: "deaf", signal: syscall.SIGTERM, after: "cancelled", second: syscall.SIGTERM, status: "signal: terminated", lost: true},
		{program: "deaf", signal: syscall.SIGTERM, after: "cancelled", second: syscall.SIGINT, status: "signal: interrupt", lost: true},
		{
			program: "deaf with a grace period", signal: syscall.SIGTERM, status: "exit status 1",
			stderr: []string{setup.ErrNotReturned.Error(), "50ms after it was asked to"},
		},
		{program: "hanging export", signal: syscall.SIGTERM, after: "cancelled", second: syscall.SIGTERM, status: "signal: terminated", lost: true},
		{program: "long delay", signal: syscall.SIGINT, status: "exit status 0"},
		{program: "readiness", signal: syscall.SIGTERM, status: "exit status 0"},
		{program: "ends within the delay", signal: syscall.SIGTERM, status: "exit status 0"},
		{program: "ended by its caller", signal: none, after: "closing", second: syscall.SIGTERM, status: "exit status 0"}, // the first
	} {
		t.Run(fmt.Sprintf("%s, %v", test.program, test.signal), func(t *testing.T) {
			t.Parallel()
			c := startChild(t, test.program)
			if test.signal != none {
				c.await(t, "ready")
				c.signal(t, test.signal)
			}
			if test.after != "" {
				c.await(t, test.after)
				c.signal(t, test.second)
			}
			status, said := c.end(t)
			if status != test.status {
				t.Errorf("%s, want %s; stderr:\n%s", status, test.status, c.stderr)
			}
			wantContains(t, c.stderr.String(), test.stderr...)
			if delivered := slices.Contains(said, "exported 1") && slices.Contains(said, "shut down"); delivered == test.lost {
				t.Errorf("delivered: %t, want %t; it said %q", delivered, !test.lost, said)
			}
		})
	}
}

// The function goes on for the time of the delay, and a second signal does not wait for it.
func TestTerminationDelayInAProcess(t *testing.T) {
	t.Parallel()
	c := startChild(t, "short delay")
	c.await(t, "ready")
	begin := time.Now()
	c.signal(t, syscall.SIGTERM)
	c.await(t, "cancelled")
	if took := time.Since(begin); took < 300*time.Millisecond {
		t.Errorf("the context was cancelled after %v, want 300ms", took)
	}
	if status, _ := c.end(t); status != "exit status 0" {
		t.Error(status)
	}

	c = startChild(t, "long delay")
	c.await(t, "ready")
	c.signal(t, syscall.SIGTERM)
	time.Sleep(100 * time.Millisecond) // two signals at the same time are one
	c.signal(t, syscall.SIGTERM)
	if status, _ := c.end(t); status != "signal: terminated" {
		t.Errorf("after two signals: %s", status)
	}
}

// A second one still ends at once.
func TestTwoSignalsAfterTheCallersEnd(t *testing.T) {
	t.Parallel()
	c := startChild(t, "ended by its caller, deaf")
	c.await(t, "cancelled")
	ended := make(chan struct{})
	go func() { // two signals at the same time are one, so there are more
		for {
			_ = c.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	status, _ := c.end(t)
	close(ended)
	if status != "signal: terminated" {
		t.Errorf("after two signals: %s", status)
	}
}
