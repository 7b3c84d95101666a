package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// stopLimit is how long a process may take to end after SIGTERM when its test ends.
	stopLimit = 10 * time.Second
	// logLimit bounds what is printed of a process' output when its test fails: the last bytes.
	logLimit = 16 << 10
)

// Process is a process that belongs to a test.
type Process struct {
	name   string
	cmd    *exec.Cmd
	output *output
	done   chan struct{} // closed when the process has ended
}

// StartProcess starts an executable. See [StartCommand].
func StartProcess(t testing.TB, path string, args ...string) *Process {
	t.Helper()
	return StartCommand(t, exec.Command(path, args...))
}

// StartCommand starts a command, which may carry its own environment and folder. Its standard output and standard
// error are captured together, and printed if the test fails. When the test ends the process gets SIGTERM, and
// SIGKILL if that does not end it.
func StartCommand(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{
		name:   filepath.Base(cmd.Path),
		cmd:    cmd,
		output: newOutput(),
		done:   make(chan struct{}),
	}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // read from cmd.ProcessState
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("output of %s (pid %d):\n%s", p.name, cmd.Process.Pid, p.output.tail(logLimit))
		}
	})
	return p
}

// Output returns everything that the process has printed so far.
func (p *Process) Output() string { return p.output.String() }

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Signal sends a signal. A process that has ended already is a failure of the test.
func (p *Process) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("signal %s: %v", p.name, err)
	}
}

// Wait waits until the process has ended and returns its exit code, or -1 if a signal ended it. A process that
// outlives the limit is a failure of the test.
func (p *Process) Wait(t testing.TB, limit time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(limit):
		t.Fatalf("%s did not end within %s", p.name, limit)
		return -1
	}
}

// Stop sends SIGTERM and waits as [Process.Wait] does. On a process that has ended it only returns the exit code.
func (p *Process) Stop(t testing.TB, limit time.Duration) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("stop %s: %v", p.name, err)
	}
	return p.Wait(t, limit)
}

// WaitForOutput waits until the output matches and returns the match and its groups, as
// [regexp.Regexp.FindStringSubmatch] does. It fails the test when the limit passes or the process ends first.
func (p *Process) WaitForOutput(t testing.TB, pattern *regexp.Regexp, limit time.Duration) []string {
	t.Helper()
	timeout := time.After(limit)
	for {
		// Taken before the output is read, so that nothing printed in between is missed.
		changed := p.output.changed()
		ended := !p.Running()
		if match := pattern.FindStringSubmatch(p.Output()); match != nil {
			return match
		}
		if ended {
			t.Fatalf("%s ended without printing %q", p.name, pattern)
		}
		select {
		case <-changed:
		case <-p.done:
		case <-timeout:
			t.Fatalf("%s did not print %q within %s", p.name, pattern, limit)
		}
	}
}

// stop ends the process whatever it takes, and never fails the test.
func (p *Process) stop(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		t.Logf("%s ignored SIGTERM for %s: killed", p.name, stopLimit)
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// output collects what a process prints and wakes those who wait for more.
type output struct {
	mu   sync.Mutex
	data bytes.Buffer
	more chan struct{} // closed and replaced at every write
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.data.Write(data)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.String()
}

func (o *output) tail(limit int) string {
	text := o.String()
	if len(text) <= limit {
		return text
	}
	return "[…]" + text[len(text)-limit:]
}

func (o *output) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.more
}
