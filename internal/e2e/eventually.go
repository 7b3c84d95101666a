package e2e

import (
	"testing"
	"time"
)

// pollInterval is how often Eventually asks.
const pollInterval = 100 * time.Millisecond

// Eventually calls check until it returns nil, and fails the test with its last error once the limit has passed.
func Eventually(t testing.TB, limit time.Duration, check func() error) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(pollInterval) {
		err := check()
		if err == nil {
			return
		}
		if time.Since(start) > limit {
			t.Fatalf("not within %s: %v", limit, err)
		}
	}
}
