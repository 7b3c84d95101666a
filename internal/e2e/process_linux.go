package e2e

import "syscall"

// dieWithParent has the kernel kill the process when the test binary dies, even by a panic or a timeout. (To be exact,
// when the thread that started it dies; the Go runtime ends a thread early only if a goroutine locked it.)
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
