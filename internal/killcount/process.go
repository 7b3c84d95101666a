package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/otelsli/otelsli-go/internal/freeport"
)

// A process is a server that is started and killed many times.
type process struct {
	command func() *exec.Cmd
	address string // where it listens for lines
	log     string // file for its output

	cmd *exec.Cmd
}

// start starts the server and waits until it listens.
func (p *process) start() error {
	output, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	p.cmd = p.command()
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = dieWithParent()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", p.address, time.Second); err == nil {
			return c.Close()
		}
	}
	p.end(syscall.SIGKILL)
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s does not listen on %s: %.2000s", p.cmd.Path, p.address, text)
}

func (p *process) signal(s os.Signal) {
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s) // it may have ended
	}
}

// end sends the signal and waits for the end of the process.
func (p *process) end(s os.Signal) {
	if p.cmd == nil {
		return
	}
	p.signal(s)
	timer := time.AfterFunc(20*time.Second, func() { p.signal(os.Kill) })
	defer timer.Stop()
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "killcount: wait for", p.cmd.Path+":", err)
	}
	p.cmd = nil
}

// freeAddresses returns addresses of loopback where nobody listens.
func freeAddresses(n int) (addresses []string, err error) {
	for range n {
		a, err := freeport.Addr()
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, a)
	}
	return addresses, nil
}
