package e2e

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// helperVariable turns the test binary into the program that the process tests start.
const helperVariable = "OTELSLI_E2E_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		os.Exit(helper(os.Getenv(helperVariable)))
	}
	code := m.Run()
	if dir, err := buildDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// helper announces itself, then ends with code 3 on SIGTERM, or ignores it if it is stubborn.
func helper(kind string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	fmt.Printf("listening on %s\n", "127.0.0.1:7")
	for range signals {
		fmt.Println("got SIGTERM")
		if kind != "stubborn" {
			return 3
		}
	}
	return 0
}
