package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// scrapesFor is how long each state of a rotation is scraped, once a second.
const scrapesFor = 4 * time.Second

// A guardedTarget is a quickstart with TLS, and what scrapers need to know.
type guardedTarget struct {
	authority             *signer
	dir, ca, cert, key    string
	clientCert, clientKey string
	addr                  string
	process               *Process
}

func newGuardedTarget(t *testing.T, env func(*guardedTarget) []string) *guardedTarget {
	t.Helper()
	g := &guardedTarget{authority: newSigner(t), dir: t.TempDir()}
	g.ca, g.cert, g.key = g.path("ca.pem"), g.path("tls.crt"), g.path("tls.key")
	g.clientCert, g.clientKey = g.path("client.crt"), g.path("client.key")
	writeFile(t, g.ca, g.authority.pem)
	g.authority.writeServer(t, g.cert, g.key)
	g.authority.writeClient(t, g.clientCert, g.clientKey, "prometheus")
	g.process, g.addr = startGuarded(t, append(env(g),
		"OTELSLI_PROMETHEUS_CERTIFICATE="+g.cert, "OTELSLI_PROMETHEUS_KEY="+g.key)...)
	return g
}

func (g *guardedTarget) path(name string) string { return filepath.Join(g.dir, name) }

// scrape starts a Prometheus with these settings for the job, waits until it has scraped, and returns it.
func (g *guardedTarget) scrape(t *testing.T, settings map[string]any) *Prometheus {
	t.Helper()
	waitReady(t, g.process, func() error { return probeTCP(g.addr) })
	settings["scheme"] = "https"
	prom := StartPrometheus(t, Prometheus2, PrometheusConfig{Targets: Targets{"shop": {g.addr}}, ScrapeSettings: settings})
	prom.Eventually(t, `up{job="shop"}`, 1, answerLimit)
	prom.Eventually(t, `count(sli_place_order_total)`, 4, answerLimit)
	return prom
}

// allUp checks that no scrape has failed while f happened, and that there were some.
func allUp(t *testing.T, prom *Prometheus, f func()) {
	t.Helper()
	f()
	time.Sleep(scrapesFor)
	prom.Eventually(t, `min_over_time(up{job="shop"}[4s])`, 1, time.Second)
	prom.Eventually(t, `count_over_time(up{job="shop"}[4s]) > bool 2`, 1, time.Second)
}

// serial returns the serial number of the certificate that a new connection gets.
func (g *guardedTarget) serial(t *testing.T) (string, error) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(g.authority.cert)
	conn, err := tls.Dial("tcp", g.addr, &tls.Config{RootCAs: roots})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

// rotate writes a new certificate and waits until it is served.
func (g *guardedTarget) rotate(t *testing.T) {
	t.Helper()
	want := g.authority.writeServer(t, g.cert, g.key)
	Eventually(t, answerLimit, func() error {
		got, err := g.serial(t)
		if err == nil && got != want {
			err = fmt.Errorf("certificate %s, want %s", got, want)
		}
		return err
	})
}

func TestPrometheusScrapesByToken(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	var tokens, credentials string
	g := newGuardedTarget(t, func(g *guardedTarget) []string {
		tokens, credentials = g.path("tokens"), g.path("credentials")
		writeFile(t, tokens, []byte("first-token\n"))
		writeFile(t, credentials, []byte("first-token\n"))
		return []string{"OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE=" + tokens}
	})
	prom := g.scrape(t, map[string]any{
		"authorization": map[string]any{"credentials_file": credentials},
		"tls_config":    map[string]any{"ca_file": g.ca},
	})
	allUp(t, prom, func() { g.rotate(t) })
	allUp(t, prom, func() { // the rotation of a token: add, change, remove
		writeFile(t, tokens, []byte("second-token\nfirst-token\n"))
		time.Sleep(2 * time.Second)
		writeFile(t, credentials, []byte("second-token\n"))
		time.Sleep(2 * time.Second)
		writeFile(t, tokens, []byte("second-token\n"))
	})
	writeFile(t, credentials, []byte("stolen-token\n"))
	prom.Eventually(t, `up{job="shop"}`, 0, answerLimit)
}

func TestPrometheusScrapesByPassword(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	g := newGuardedTarget(t, func(*guardedTarget) []string {
		return []string{"OTELSLI_PROMETHEUS_USERNAME=prometheus", "OTELSLI_PROMETHEUS_PASSWORD=pass:wörd"}
	})
	prom := g.scrape(t, map[string]any{
		"basic_auth": map[string]any{"username": "prometheus", "password": "pass:wörd"},
		"tls_config": map[string]any{"ca_file": g.ca},
	})
	allUp(t, prom, func() { g.rotate(t) })
}

// The authority of the clients is rotated too, and the old one ends for a scraper that still uses it.
func TestPrometheusScrapesByCertificate(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	var clientCA string
	old, next := newSigner(t), newSigner(t)
	g := newGuardedTarget(t, func(g *guardedTarget) []string {
		clientCA = g.path("client-ca.pem")
		writeFile(t, clientCA, old.pem)
		old.writeClient(t, g.clientCert, g.clientKey, "prometheus")
		return []string{"OTELSLI_PROMETHEUS_CLIENT_CERTIFICATE_AUTHORITY=" + clientCA, "OTELSLI_PROMETHEUS_CLIENT_NAMES=prometheus"}
	})
	prom := g.scrape(t, map[string]any{
		"tls_config": map[string]any{"ca_file": g.ca, "cert_file": g.clientCert, "key_file": g.clientKey},
	})
	if _, err := fetch("https://" + g.addr + "/metrics"); err == nil {
		t.Error("a scrape without a certificate")
	}
	allUp(t, prom, func() { g.rotate(t) })
	allUp(t, prom, func() { writeFile(t, clientCA, append(old.pem, next.pem...)) })
	next.writeClient(t, g.clientCert, g.clientKey, "prometheus") // the connection that it keeps has the old one
	old.writeClient(t, g.path("old.crt"), g.path("old.key"), "prometheus")
	next.writeClient(t, g.path("other.crt"), g.path("other.key"), "somebody")
	writeFile(t, clientCA, next.pem)
	for _, name := range []string{"old", "other"} {
		Eventually(t, answerLimit, func() error {
			if status := g.get(t, g.path(name+".crt"), g.path(name+".key")); status != 0 {
				return fmt.Errorf("a client with the certificate %q got %d", name, status)
			}
			return nil
		})
	}
	time.Sleep(2 * time.Second) // one scrape may be refused; then it connects anew
	allUp(t, prom, func() {})
}

// get fetches the metrics with a client certificate, and returns 0 where there is no answer.
func (g *guardedTarget) get(t *testing.T, certFile, keyFile string) (status int) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(g.authority.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	response, err := client.Get("https://" + g.addr + "/metrics")
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
