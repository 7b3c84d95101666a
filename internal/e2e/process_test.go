package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func startHelper(t *testing.T, kind string) *Process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+kind)
	return StartCommand(t, cmd)
}

func TestProcess(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "polite")
	match := p.WaitForOutput(t, regexp.MustCompile(`listening on (\S+)`), 10*time.Second)
	if match[1] != "127.0.0.1:7" {
		t.Errorf("group = %q", match[1])
	}
	if !p.Running() {
		t.Error("not running")
	}
	p.Signal(t, syscall.SIGTERM)
	if code := p.Wait(t, 10*time.Second); code != 3 {
		t.Errorf("exit code = %d, want 3", code)
	}
	if p.Running() {
		t.Error("still running")
	}
	if code := p.Stop(t, time.Second); code != 3 {
		t.Errorf("Stop after the end = %d, want 3", code)
	}
	if want := "listening on 127.0.0.1:7\ngot SIGTERM\n"; p.Output() != want {
		t.Errorf("output = %q, want %q", p.Output(), want)
	}
}

func TestProcessEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var p *Process
	t.Run("inner", func(t *testing.T) {
		p = startHelper(t, "polite")
		p.WaitForOutput(t, regexp.MustCompile(`listening`), 10*time.Second)
	})
	if p.Running() {
		t.Error("outlived its test")
	}
}

func TestProcessIsKilledAfterSIGKILL(t *testing.T) {
	t.Parallel()
	p := startHelper(t, "stubborn")
	p.WaitForOutput(t, regexp.MustCompile(`listening`), 10*time.Second)
	p.Signal(t, syscall.SIGTERM)
	p.WaitForOutput(t, regexp.MustCompile(`got SIGTERM`), 10*time.Second)
	p.Signal(t, syscall.SIGKILL)
	if code := p.Wait(t, 10*time.Second); code != -1 {
		t.Errorf("exit code = %d, want -1", code)
	}
}

func TestOutputTail(t *testing.T) {
	t.Parallel()
	o := newOutput()
	if _, err := o.Write([]byte(strings.Repeat("a", 10) + "end")); err != nil {
		t.Fatal(err)
	}
	if got := o.tail(100); got != "aaaaaaaaaaend" {
		t.Errorf("tail = %q", got)
	}
	if got := o.tail(4); got != "[…]aend" {
		t.Errorf("tail = %q", got)
	}
}

func TestFreeAddr(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		addr := FreeAddr(t)
		if seen[addr] || !strings.HasPrefix(addr, "127.0.0.1:") {
			t.Fatalf("FreeAddr = %q, seen before: %v", addr, seen[addr])
		}
		seen[addr] = true
	}
}
