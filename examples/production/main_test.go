package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsli/otelsli-go/internal/freeport"
)

// The test program is the service, where it is asked to be.
const asService = "SHOP_TEST_AS_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(asService) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A collector keeps the sums of what it got last.
type collector struct {
	*httptest.Server
	mu   sync.Mutex
	sums map[string]int64
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var request collectorpb.ExportMetricsServiceRequest
		if proto.Unmarshal(body, &request) != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sums = make(map[string]int64)
		for _, rm := range request.ResourceMetrics {
			for _, scope := range rm.ScopeMetrics {
				for _, m := range scope.Metrics {
					for _, p := range m.GetSum().GetDataPoints() {
						c.sums[m.Name] += p.GetAsInt()
					}
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) sum(metric string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sums[metric]
}

// freePort returns a port on which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	addr, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// A service is the program, running.
type service struct {
	*exec.Cmd
	url, metrics string
	log          *bytes.Buffer
	logged       chan struct{} // closed when the log has ended
}

// startService starts the program with what its documentation has in its environment.
func startService(t *testing.T, backend *collector) *service {
	t.Helper()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("scraper-token-of-the-test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, port := "127.0.0.1:"+freePort(t), freePort(t)
	s := &service{
		Cmd: exec.CommandContext(t.Context(), os.Args[0]), url: "http://" + addr, metrics: "http://127.0.0.1:" + port + "/metrics",
		log: &bytes.Buffer{}, logged: make(chan struct{}),
	}
	s.Env = []string{
		asService + "=yes", "SHOP_ADDR=" + addr,
		"OTEL_SERVICE_NAME=shop",
		"OTEL_METRICS_EXPORTER=otlp,prometheus",
		"OTEL_METRIC_EXPORT_INTERVAL=3600000", // what arrives came by the last export
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + backend.URL,
		"OTEL_EXPORTER_PROMETHEUS_HOST=127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT=" + port,
		"OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE=" + token,
		"OTELSLI_RUNTIME_METRICS=true",
		"OTEL_RESOURCE_DETECTORS=kubernetes,process", "K8S_NODE_NAME=node-1",
		"OTELSLI_TERMINATION_DELAY=2000",
		"OTELSLI_GRACE_PERIOD=20000",
	}
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.logged)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.log.WriteString(lines.Text() + "\n")
		}
	}()
	s.await(t, http.StatusOK)
	return s
}

var client = &http.Client{Timeout: 10 * time.Second}

// await waits until /readyz has this status.
func (s *service) await(t *testing.T, status int) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		resp, err := client.Get(s.url + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == status {
				return
			}
		}
	}
	t.Fatalf("/readyz did not become %d", status)
}

// order places an order and returns the status of the response, 0 where there is none.
func (s *service) order(channel, payment string) int {
	resp, err := client.Post(s.url+"/orders/"+channel+"?payment="+payment, "", nil)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// scrape returns what a scraper gets.
func (s *service) scrape(t *testing.T, token string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.metrics, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestFromTheFirstScrapeToTheLastExport(t *testing.T) {
	t.Parallel()
	backend := newCollector(t)
	s := startService(t, backend)
	if status, _ := s.scrape(t, ""); status != http.StatusUnauthorized {
		t.Errorf("a scrape without a token: %d, want 401", status)
	}
	_, metrics := s.scrape(t, "scraper-token-of-the-test")
	for _, want := range []string{
		`sli_place_order_total{channel="web"} 0`, `sli_place_order_error_total{channel="app"} 0`,
		`sli_http_server_total{method="POST",route="/orders/{channel}"} 0`,
		"go_goroutine_count", `k8s_node_name="node-1"`, `service_name="shop"`, "process_pid=",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%s is missing in the first scrape", want)
		}
	}
	if strings.Contains(metrics, "readyz") {
		t.Error("probes are counted")
	}

	for payment, want := range map[string]int{"0s": 200, "1ms": 200, "-1s": 409, "soon": 400} {
		if got := s.order("web", payment); got != want {
			t.Errorf("payment %s: status %d, want %d", payment, got, want)
		}
	}
	running := make(chan int, 1)
	go func() { running <- s.order("app", "3500ms") }() // ends when the listener has closed
	time.Sleep(200 * time.Millisecond)
	begin := time.Now()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.await(t, http.StatusServiceUnavailable)
	if got := s.order("web", "0s"); got != 200 {
		t.Errorf("a request of a load balancer that has not noticed: status %d, want 200", got)
	}
	if got := <-running; got != 200 {
		t.Errorf("the request that was running: status %d, want 200", got)
	}
	<-s.logged
	if err := s.Wait(); err != nil {
		t.Errorf("the service ended with %v, want status 0", err)
	}
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("it ended after %v, and not after the delay of 2s", took)
	}
	for metric, want := range map[string]int64{
		"sli.place_order.total": 4, "sli.place_order.error.total": 0, "sli.place_order.ignored.total": 1,
		"sli.place_order.slow.total": 1, "sli.http_server.total": 4, "sli.http_server.ignored.total": 2,
	} {
		if got := backend.sum(metric); got != want {
			t.Errorf("%s = %d, want %d", metric, got, want)
		}
	}
	if t.Failed() {
		t.Logf("log of the service:\n%s", s.log)
	}
}

// A problem with the environment is told at once, with all the others, and is a status for the
// orchestrator.
func TestBadEnvironment(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = []string{asService + "=yes", "OTEL_METRICS_EXPORTER=otpl", "OTELSLI_TERMINATION_DELAY=5s"}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v, want status 1", err)
	}
	for _, want := range []string{"OTEL_METRICS_EXPORTER", "otpl", "OTELSLI_TERMINATION_DELAY", "5s"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is missing in:\n%s", want, out)
		}
	}
}
