//go:build !linux

package e2e

import "syscall"

// dieWithParent has no equivalent outside Linux: there only the test's cleanup ends the process.
func dieWithParent() *syscall.SysProcAttr { return nil }
