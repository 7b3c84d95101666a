package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// An hour of attacks, compressed: a few seconds of everything at once, from one address, against the quickstart. Who
// scrapes with the right token must not notice.

const (
	attackTime    = 8 * time.Second
	scrapeTimeout = 5 * time.Second // on a machine that attackers and attacked share
)

// Bounds of what the process may need meanwhile: without an attack it has about 20 MB and 15 files. The attackers hold
// a thousand connections.
const (
	maxAttackedMemory = 200 << 20 // bytes
	maxAttackedFiles  = 256 + 256 + 100
)

// An attack is what one attacker does again and again until ctx is over.
type attack struct {
	name    string
	workers int
	once    func(ctx context.Context, addr string)
}

// plainAttacks are those on HTTP. Most of them know no token.
var plainAttacks = []attack{
	{"flood", 8, func(ctx context.Context, addr string) { send(ctx, addr, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") }},
	{"health flood", 2, func(ctx context.Context, addr string) { send(ctx, addr, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") }},
	{"wrong tokens", 4, func(ctx context.Context, addr string) {
		send(ctx, addr, "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+strings.Repeat("guess", 800)+"\r\n\r\n")
	}},
	{"oversized headers", 2, func(ctx context.Context, addr string) {
		send(ctx, addr, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	}},
	{"endless bodies", 20, func(ctx context.Context, addr string) {
		send(ctx, addr, "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	}},
	{"slow headers", 600, func(ctx context.Context, addr string) { drip(ctx, addr, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: ") }},
	{"silence", 400, func(ctx context.Context, addr string) { drip(ctx, addr, "") }},
	{"1,000 scrapes at once, by another scraper", 1, func(ctx context.Context, addr string) { thousand(ctx, addr, "greedy-token") }},
	{"1,000 scrapes at once, by nobody", 1, func(ctx context.Context, addr string) { thousand(ctx, addr, "") }},
}

// tlsAttacks are those on handshakes.
var tlsAttacks = []attack{
	{"handshakes that never end", 800, func(ctx context.Context, addr string) {
		drip(ctx, addr, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
	}},
	{"handshakes of garbage", 4, func(ctx context.Context, addr string) { send(ctx, addr, strings.Repeat("garbage", 20)) }},
	{"handshakes and no more", 2, func(ctx context.Context, addr string) {
		dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
		if conn, err := dialer.DialContext(ctx, "tcp", addr); err == nil {
			_ = conn.Close()
		}
	}},
}

// send sends bytes and reads until the server closes.
func send(ctx context.Context, addr, text string) {
	conn, err := connect(ctx, addr)
	if err != nil {
		return
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// drip sends bytes and then one more every now and then, until the server closes.
func drip(ctx context.Context, addr, text string) {
	conn, err := connect(ctx, addr)
	if err != nil {
		return
	}
	defer conn.Close()
	for _, err = io.WriteString(conn, text); err == nil && ctx.Err() == nil; _, err = io.WriteString(conn, "x") {
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func connect(ctx context.Context, addr string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return conn, conn.SetDeadline(deadline)
}

// thousand scrapes 1,000 times in parallel.
func thousand(ctx context.Context, addr, token string) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/metrics", nil)
			if err != nil {
				return
			}
			r.Header.Set("Authorization", "Bearer "+token)
			if resp, err := client.Do(r); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
}

// A scraper fetches once a second, as Prometheus does.
type scraper struct {
	name   string
	client *http.Client
	url    string

	good    int
	slowest time.Duration
	bad     []string
}

// newScraper makes one with a source address of its own; a kept connection is what Prometheus has.
func newScraper(t *testing.T, name, url, source string, keep bool) *scraper {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: !keep, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return &scraper{name: name, url: url, client: &http.Client{Transport: transport, Timeout: scrapeTimeout}}
}

func (s *scraper) run(ctx context.Context) {
	for ctx.Err() == nil {
		s.scrape(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s *scraper) scrape(ctx context.Context) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, s.url, nil)
	if err != nil {
		s.bad = append(s.bad, err.Error())
		return
	}
	r.Header.Set("Authorization", "Bearer scraper-token")
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.Itoa(int(scrapeTimeout.Seconds())))
	began := time.Now()
	resp, err := s.client.Do(r)
	if err != nil {
		s.bad = append(s.bad, err.Error())
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	s.slowest = max(s.slowest, time.Since(began))
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "sli_place_order_total") {
		s.bad = append(s.bad, fmt.Sprintf("%s, %d bytes: %v", resp.Status, len(body), err))
		return
	}
	s.good++
}

// usage is the most that a process has needed.
type usage struct{ memory, files int }

func (u *usage) watch(ctx context.Context, pid int) {
	for ctx.Err() == nil {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			u.memory = max(u.memory, n<<10)
		}
		files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		u.files = max(u.files, len(files))
		time.Sleep(50 * time.Millisecond)
	}
}

//nolint:paralleltest // it needs the machine for itself
func TestAttack(t *testing.T) {
	Require(t)
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	newSigner(t).writeServer(t, cert, key)
	for _, test := range []struct {
		name, scheme string
		env          []string
		attacks      []attack
	}{
		{"plain", "http", nil, plainAttacks},
		{"TLS", "https", []string{"OTELSLI_PROMETHEUS_CERTIFICATE=" + cert, "OTELSLI_PROMETHEUS_KEY=" + key}, tlsAttacks},
	} {
		t.Run(test.name, func(t *testing.T) {
			app, addr := startGuarded(t, append(test.env,
				"OTELSLI_PROMETHEUS_BEARER_TOKEN=scraper-token,greedy-token")...)
			url := test.scheme + "://" + addr + "/metrics"
			scrapers := []*scraper{
				newScraper(t, "on a kept connection", url, "127.0.0.1", true),
				newScraper(t, "on new connections", url, "127.0.0.2", false),
			}
			Eventually(t, answerLimit, func() error { return scrapers[0].ready() })
			var used usage
			counts := attackFor(t, addr, test.attacks, func(ctx context.Context, wg *sync.WaitGroup) {
				wg.Go(func() { used.watch(ctx, app.cmd.Process.Pid) })
				for _, s := range scrapers {
					wg.Go(func() { s.run(ctx) })
				}
			})
			t.Logf("attacks: %s", counts)
			t.Logf("needed at most %d MB and %d files", used.memory>>20, used.files)
			for _, s := range scrapers {
				s.check(t)
			}
			if used.memory > maxAttackedMemory || used.files > maxAttackedFiles {
				t.Errorf("that is too much")
			}
			checkAfterAttack(t, app)
		})
	}
}

// ready scrapes once, off the record.
func (s *scraper) ready() error {
	s.scrape(context.Background())
	bad := s.bad
	s.bad, s.good, s.slowest = nil, 0, 0
	if len(bad) > 0 {
		return fmt.Errorf("not ready: %s", bad[0])
	}
	return nil
}

func (s *scraper) check(t *testing.T) {
	t.Logf("scraper %s: %d answers, the slowest after %v", s.name, s.good, s.slowest.Round(time.Millisecond))
	if len(s.bad) > 0 || s.good < 2 {
		t.Errorf("scraper %s: %d good answers, and %d bad: %v", s.name, s.good, len(s.bad), s.bad)
	}
}

// attackFor runs everything for the time of the attack, and returns how often each attack was made.
func attackFor(t *testing.T, addr string, attacks []attack, beside func(context.Context, *sync.WaitGroup)) string {
	ctx, cancel := context.WithTimeout(t.Context(), attackTime)
	defer cancel()
	var wg sync.WaitGroup
	beside(ctx, &wg)
	counts := make([]atomic.Int64, len(attacks))
	for i, a := range attacks {
		for range a.workers {
			wg.Go(func() {
				for ctx.Err() == nil {
					a.once(ctx, addr)
					counts[i].Add(1)
				}
			})
		}
	}
	wg.Wait()
	var text []string
	for i, a := range attacks {
		text = append(text, fmt.Sprintf("%s %d", a.name, counts[i].Load()))
	}
	return strings.Join(text, ", ")
}

// checkAfterAttack ends the process, whose log must not be what the attackers have filled.
func checkAfterAttack(t *testing.T, app *Process) {
	if code := app.Stop(t, 10*time.Second); code != 0 {
		t.Errorf("ended with code %d", code)
	}
	output := app.Output()
	for _, line := range []string{"refused", "TLS handshake error", "superfluous"} {
		if n := strings.Count(output, line); n > 3 {
			t.Errorf("%q was logged %d times", line, n)
		}
	}
	for _, secret := range []string{"scraper-token", "greedy-token", "guess", "panic", "DATA RACE"} {
		if strings.Contains(output, secret) {
			t.Errorf("the log has %q:\n%s", secret, output)
		}
	}
}

// startGuarded starts the quickstart with an endpoint as the variables say.
func startGuarded(t *testing.T, env ...string) (app *Process, addr string) {
	addr = FreeAddr(t)
	cmd := exec.Command(BuildBinary(t, "./examples/quickstart"), "-addr", FreeAddr(t), "-metrics", addr, "-load", "50", "-refresh", "1h", "-o", "json")
	cmd.Env = append(os.Environ(), env...)
	return StartCommand(t, cmd), addr
}
