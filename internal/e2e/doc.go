// Package e2e runs this project against real servers: it starts them, asks them, and ends them.
//
// Everything here is for tests of this module. A test names the servers that it needs, starts them, and reads back
// what they hold:
//
//	func TestScrape(t *testing.T) {
//		t.Parallel()
//		addr := e2e.FreeAddr(t)
//		app := e2e.StartProcess(t, e2e.BuildBinary(t, "./examples/quickstart"), "-metrics", addr)
//		prom := e2e.StartPrometheus(t, e2e.Prometheus2, e2e.PrometheusConfig{Targets: e2e.Targets{"shop": {addr}}})
//		prom.Eventually(t, `sum(sli_place_order_total) > bool 0`, 1, 30*time.Second)
//		app.Signal(t, syscall.SIGTERM)
//	}
//
// # Which servers
//
// scripts/install-servers installs them; the tests look for them in its cache, then on PATH. The environment
// variable OTELSLI_E2E says what happens to a test whose server is missing:
//
//	auto, or unset   it is skipped, with a message that says what to run
//	required         it fails; `make e2e` and CI use this
//	off              every test that needs a server is skipped, whether it is there or not; `make test` uses this
//
// # Conditions that every test may rely on
//
// Servers listen on 127.0.0.1 only, on ports that were free a moment ago, keep their data in a temporary folder of the
// test, and are ended when it ends: by SIGTERM, then by SIGKILL, and on Linux also when the test binary itself dies.
// The output of each is captured, and printed if the test fails.
package e2e
