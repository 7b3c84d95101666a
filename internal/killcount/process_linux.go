package main

import "syscall"

// dieWithParent has the kernel kill the servers when this process dies.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
