package e2e

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"
)

// readyLimit is how long a server may take from its start until it answers, on a busy machine.
const readyLimit = 60 * time.Second

// waitReady waits until probe returns nil. A process that ends meanwhile fails the test at once.
func waitReady(t testing.TB, process *Process, probe func() error) {
	t.Helper()
	Eventually(t, readyLimit, func() error {
		err := probe()
		if err != nil && !process.Running() {
			t.Fatalf("%s ended before it was ready", process.name)
		}
		return err
	})
}

func probeHTTP(url string) error {
	client := http.Client{Timeout: time.Second}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

func probeTCP(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
