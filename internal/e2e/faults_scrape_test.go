package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// scrapeRows are the faults of who scrapes: those of a backend that is pushed to, mirrored. It answers nothing, so that
// it has no status, and takes no part.
func scrapeRows() []row {
	return []row{
		takenRow{},
		scrapeRow{fault: "nobody scrapes", atEnd: "not everybody scraped the final values", prepare: nobody},
		scrapeRow{fault: "black hole: scrapers that never read", bystander: true, cuts: true, prepare: reading(0)},
		scrapeRow{fault: "slow: scrapers that read 500 bytes a second", bystander: true, cuts: true, prepare: reading(500)},
		scrapeRow{fault: "reset in mid-scrape", bystander: true, prepare: aborting},
		scrapeRow{fault: "never asks: half a request", bystander: true, prepare: hesitating},
		scrapeRow{fault: "killed in mid-scrape", prepare: killedScraper},
		scrapeRow{fault: "wrong token", logs: "refuse", short: "refused", prepare: wrongToken},
		scrapeRow{fault: "wrong CA", logs: "TLS", short: "TLS handshake", prepare: wrongCA},
		scrapeRow{fault: "plaintext to TLS", logs: "TLS", short: "TLS handshake", prepare: plaintextScraper},
		scrapeRow{fault: "TLS to plaintext", prepare: tlsScraper},
	}
}

// A scrapeRow is a row of the fault matrix whose service is scraped, by a real Prometheus.
type scrapeRow struct {
	fault     string
	bystander bool   // it is another scraper that misbehaves: Prometheus gets everything meanwhile
	cuts      bool   // Shutdown has to cut connections, and says so
	logs      string // matches the one line that is logged; "" where there is nothing to say
	short     string // that for the table
	atEnd     string // matches the one line that is logged at Shutdown
	prepare   func(t *testing.T, s *scrapeSituation)
}

// A scrapeSituation is a service, who scrapes it and what makes that fail.
type scrapeSituation struct {
	w        *world
	l        *load
	addr     string // of the service
	metrics  []sliprom.Option
	options  []setup.Option
	prom     *Prometheus
	interval time.Duration // of scrapes

	begin, end func()
}

func (r scrapeRow) names() (way, fault string) { return "Prometheus", r.fault }

func (r scrapeRow) run(t *testing.T, w *world) verdict {
	s := &scrapeSituation{w: w, l: newLoad(t), addr: FreeAddr(t), interval: 2 * time.Second}
	r.prepare(t, s)
	if s.prom == nil {
		s.prom = s.startPrometheus(t, s.addr, nil)
	}
	service, book := serviceOf(t), &logbook{}
	telemetry := s.start(t, service, book)
	v := verdict{way: "Prometheus", fault: r.fault}

	before := s.l.record(t, calm)
	s.scraped(t)
	s.begin()
	v.recording = compareCosts(t, before, s.l.record(t, outageLength))
	if r.bystander {
		s.scraped(t)
	}
	v.logged = r.judgeLog(t, book.lines())
	s.end()
	s.scraped(t)

	s.begin()
	s.l.record(t, secondOutage)
	logged := len(book.lines())
	v.shutdown = r.judgeShutdown(t, telemetry)
	r.judgeLastLines(t, book.lines()[logged:])
	if r.atEnd != "" {
		v.logged = "`" + r.atEnd + "`, by Shutdown"
	}
	v.others = w.judgeOthers(t, service, s.l)
	s.end()
	again := s.start(t, service, &logbook{})
	s.l.record(t, faultInterval)
	s.scraped(t)
	if err := again.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown after the fault: %v", err)
	}
	v.end = "all totals right"
	return v
}

// A takenRow is a service whose address somebody else has.
type takenRow struct{}

func (takenRow) names() (way, fault string) { return "Prometheus", "refused: its address is taken" }

func (r takenRow) run(t *testing.T, w *world) verdict {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scrapeSituation{w: w, l: newLoad(t), addr: taken.Addr().String(), interval: 2 * time.Second}
	s.l.record(t, faultInterval)
	begin := time.Now()
	_, err = setup.Start(t.Context(), setup.WithCatalog(s.l.catalog), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithPrometheus(s.addr), setup.WithOTLP(sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("http://"+w.backend.healthy)))
	took := time.Since(begin)
	for _, part := range []string{`"prometheus"`, s.addr, "address already in use"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("start: %v, want an error with %q", err, part)
		}
	}
	if totals, _ := w.backend.unharmed.totals(serviceOf(t), false); len(totals) > 0 {
		t.Errorf("a Start that failed has exported %v", totals)
	}
	_ = taken.Close()
	s.prom = s.startPrometheus(t, s.addr, nil)
	telemetry := s.start(t, serviceOf(t), &logbook{})
	s.scraped(t)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	way, fault := r.names()
	return verdict{
		way: way, fault: fault, recording: "not started", shutdown: fmt.Sprintf("%.2f s, of Start", took.Seconds()),
		others: "not started", logged: "nothing: `Start` returns it", end: "all totals right",
	}
}

// start starts the service, and a pipeline that pushes.
func (s *scrapeSituation) start(t *testing.T, service string, book *logbook) *setup.Telemetry {
	t.Helper()
	options := append([]setup.Option{setup.WithPrometheus(s.addr, append(s.metrics, sliprom.WithHold(0))...)}, s.options...)
	return s.w.startWith(t, service, s.l, book, faultTimeout, options)
}

// startPrometheus starts a Prometheus that scrapes addr.
func (s *scrapeSituation) startPrometheus(t *testing.T, addr string, settings map[string]any) *Prometheus {
	t.Helper()
	return StartPrometheus(t, Prometheus3, PrometheusConfig{
		Targets: Targets{"shop": {addr}}, ScrapeInterval: s.interval, ScrapeSettings: settings,
	})
}

// scraped waits until Prometheus has what was recorded.
func (s *scrapeSituation) scraped(t *testing.T) {
	t.Helper()
	s.prom.Eventually(t, `sli_checkout_total{job="shop",channel="web"}`, s.l.total, answerLimit)
	s.prom.Eventually(t, `sli_checkout_error_total{job="shop",channel="web"}`, s.l.failed, answerLimit)
}

func (r scrapeRow) judgeLog(t *testing.T, lines []string) string {
	t.Helper()
	if r.logs == "" {
		if len(lines) > 0 {
			t.Errorf("logged, though the service has nothing to say:\n%s", strings.Join(lines, "\n"))
		}
		return "nothing"
	}
	if len(lines) != 1 || !regexp.MustCompile(r.logs).MatchString(lines[0]) {
		t.Errorf("%d lines, want 1 that matches %q:\n%s", len(lines), r.logs, strings.Join(lines, "\n"))
	}
	return "`" + r.short + "`, throttled"
}

func (r scrapeRow) judgeLastLines(t *testing.T, lines []string) {
	t.Helper()
	if r.atEnd != "" && (len(lines) != 1 || !strings.Contains(lines[0], r.atEnd)) || r.atEnd == "" && len(lines) > 0 {
		t.Errorf("logged at shutdown, want %q:\n%s", r.atEnd, strings.Join(lines, "\n"))
	}
}

func (r scrapeRow) judgeShutdown(t *testing.T, telemetry *setup.Telemetry) string {
	t.Helper()
	took, err := shutdownInTime(t, telemetry)
	switch {
	case r.cuts && (err == nil || !strings.Contains(err.Error(), `"prometheus"`) || strings.Contains(err.Error(), "healthy")):
		t.Errorf("shutdown: %v, want an error that names prometheus alone", err)
	case !r.cuts && err != nil:
		t.Errorf("shutdown: %v", err)
	}
	return fmt.Sprintf("%.2f s", took.Seconds())
}

// nobody is a service that waits for its last scrape in vain.
func nobody(t *testing.T, s *scrapeSituation) {
	s.options = append(s.options, setup.WithScrapeDrain(time.Minute, 1), setup.WithShutdownTimeout(2*time.Minute))
	s.begin = func() {
		s.prom.SetTargets(t, "shop")
		s.prom.Eventually(t, `absent(up{job="shop"})`, 1, answerLimit)
	}
	s.end = func() { s.prom.SetTargets(t, "shop", s.addr) }
}

// reading are scrapers that read that slowly, of a response that does not fit into the buffers between. What makes it
// long is compressed to nothing for Prometheus.
func reading(bytesPerSecond int) func(*testing.T, *scrapeSituation) {
	return func(t *testing.T, s *scrapeSituation) {
		long := prometheus.NewRegistry()
		long.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "long", Help: strings.Repeat("long ", 2<<20)}))
		s.metrics, s.interval = append(s.metrics, sliprom.WithGatherers(long)), longScrape
		s.clients(t, func(addr string) *faults.Scrapers { return faults.NewReaders(t, addr, 4, bytesPerSecond) })
	}
}

// clients runs bad scrapers while the fault lasts.
func (s *scrapeSituation) clients(t *testing.T, start func(addr string) *faults.Scrapers) {
	t.Helper()
	var bad *faults.Scrapers
	s.begin = func() { bad = start(s.addr) }
	s.end = func() { bad.Stop() }
}

func aborting(t *testing.T, s *scrapeSituation) {
	s.clients(t, func(addr string) *faults.Scrapers { return faults.NewAborters(t, addr, 2) })
}

func hesitating(t *testing.T, s *scrapeSituation) {
	s.clients(t, func(addr string) *faults.Scrapers { return faults.NewHesitants(t, addr, 32) })
}

// killedScraper is a Prometheus that is killed while it reads, with another in its place later.
func killedScraper(t *testing.T, s *scrapeSituation) {
	proxy := faults.NewProxy(t, s.addr)
	s.prom = s.startPrometheus(t, proxy.Addr(), nil)
	s.begin = func() {
		proxy.Set(faults.Slow(200))
		time.Sleep(2 * s.interval)
		s.prom.Signal(t, os.Kill)
		s.prom.Wait(t, stopLimit)
		proxy.Set(faults.None())
	}
	s.end = func() { s.prom = s.startPrometheus(t, proxy.Addr(), nil) }
}

// wrongToken is a Prometheus that does not know the token any more.
func wrongToken(t *testing.T, s *scrapeSituation) {
	file := filepath.Join(t.TempDir(), "token")
	token := func(text string) { writeFile(t, file, []byte(text)) }
	token("right")
	s.options = append(s.options, setup.WithPrometheusGuard(guard.WithBearerTokens("right")))
	s.prom = s.startPrometheus(t, s.addr, map[string]any{"authorization": map[string]any{"credentials_file": file}})
	s.begin = func() { token("wrong") }
	s.end = func() { token("right") }
}

// wrongCA is a service whose certificate is that of another authority for a while.
func wrongCA(t *testing.T, s *scrapeSituation) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	proxy := faults.NewProxy(t, s.addr)
	serve := func(a *faults.Authority) {
		copyFile(t, cert, a.CertFile)
		copyFile(t, key, a.KeyFile)
		time.Sleep(1200 * time.Millisecond) // a change is noticed within a second
		proxy.SetTarget(s.addr)             // Prometheus keeps its connection, and would not notice
	}
	copyFile(t, cert, s.w.own.CertFile)
	copyFile(t, key, s.w.own.KeyFile)
	s.options = append(s.options, setup.WithPrometheusGuard(guard.WithCertificate(cert, key)))
	s.prom = s.startPrometheus(t, proxy.Addr(), overTLS(s.w.own))
	s.begin = func() { serve(s.w.stranger) }
	s.end = func() { serve(s.w.own) }
}

func overTLS(a *faults.Authority) map[string]any {
	return map[string]any{"scheme": "https", "tls_config": map[string]any{"ca_file": a.CertFile}}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, text)
}

// plaintextScraper is a Prometheus that suddenly speaks no TLS.
func plaintextScraper(t *testing.T, s *scrapeSituation) {
	s.options = append(s.options, setup.WithPrometheusGuard(guard.WithCertificate(s.w.own.CertFile, s.w.own.KeyFile)))
	s.otherScheme(t, "https", "http")
}

// tlsScraper is the other way round.
func tlsScraper(t *testing.T, s *scrapeSituation) { s.otherScheme(t, "http", "https") }

// otherScheme has Prometheus scrape by another scheme while the fault lasts: that of another address for the same.
func (s *scrapeSituation) otherScheme(t *testing.T, right, wrong string) {
	t.Helper()
	other := faults.NewProxy(t, s.addr).Addr()
	settings := overTLS(s.w.own)
	settings["scheme"] = right
	settings["relabel_configs"] = []any{map[string]any{
		"source_labels": []string{"__address__"}, "regex": other, "target_label": "__scheme__", "replacement": wrong,
	}}
	s.prom = s.startPrometheus(t, s.addr, settings)
	s.begin = func() {
		s.prom.SetTargets(t, "shop", other)
		s.prom.Eventually(t, `up{job="shop"}`, 0, answerLimit)
	}
	s.end = func() { s.prom.SetTargets(t, "shop", s.addr) }
}
