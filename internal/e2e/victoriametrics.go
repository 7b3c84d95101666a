package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Victoria is a VictoriaMetrics with a store of its own.
type Victoria struct {
	*Process
	// Graphite and OpenTSDB are the host:port of its receivers of lines.
	Graphite, OpenTSDB string

	promql  *Prometheus // for its client
	command []string
}

// StartVictoriaMetrics starts a VictoriaMetrics and waits until it is ready. Of several samples of a series in one
// millisecond it keeps one.
func StartVictoriaMetrics(t testing.TB, args ...string) *Victoria {
	t.Helper()
	binary, addr := VictoriaMetrics.Binary(t), FreeAddr(t)
	v := &Victoria{Graphite: FreeAddr(t), OpenTSDB: FreeAddr(t), promql: &Prometheus{URL: "http://" + addr}}
	v.command = []string{
		binary,
		"-storageDataPath=" + filepath.Join(t.TempDir(), "data"), "-retentionPeriod=1",
		"-httpListenAddr=" + addr, "-graphiteListenAddr=" + v.Graphite, "-opentsdbListenAddr=" + v.OpenTSDB,
		"-dedup.minScrapeInterval=1ms",
		"-search.latencyOffset=0s", "-search.disableCache", // answers hold what came a moment ago
		"-memory.allowedBytes=268435456", "-loggerLevel=WARN",
	}
	v.command = append(v.command, args...)
	client, err := api.NewClient(api.Config{Address: v.promql.URL})
	if err != nil {
		t.Fatal(err)
	}
	v.promql.API = v1.NewAPI(client)
	v.start(t)
	return v
}

func (v *Victoria) start(t testing.TB) {
	t.Helper()
	v.Process = StartProcess(t, v.command[0], v.command[1:]...)
	waitReady(t, v.Process, func() error { return probeHTTP(v.promql.URL + "/health") })
	waitReady(t, v.Process, func() error { return probeTCP(v.Graphite) })
	waitReady(t, v.Process, func() error { return probeTCP(v.OpenTSDB) })
}

// Settle writes everything that was read to disk, where a SIGKILL leaves it. By itself that takes ten seconds.
func (v *Victoria) Settle(t testing.TB) {
	t.Helper()
	time.Sleep(300 * time.Millisecond) // rows reach the storage a little after they were read
	for _, path := range []string{"/internal/force_flush", "/snapshot/create", "/snapshot/delete_all"} {
		if _, err := v.get(path); err != nil {
			t.Fatal(err)
		}
	}
}

// Crash ends the server by SIGKILL.
func (v *Victoria) Crash(t testing.TB) {
	t.Helper()
	v.Signal(t, os.Kill)
	v.Wait(t, stopLimit)
}

// Restart starts the server again, with the same store and addresses.
func (v *Victoria) Restart(t testing.TB) {
	t.Helper()
	v.start(t)
}

// Query evaluates an instant query now, with all that was received.
func (v *Victoria) Query(ctx context.Context, promql string) (model.Vector, error) {
	if _, err := v.get("/internal/force_flush"); err != nil {
		return nil, err
	}
	return v.promql.Query(ctx, promql)
}

// A VictoriaSeries is a series with its samples as they were received.
type VictoriaSeries struct {
	Metric     map[string]string // the name is __name__
	Values     []float64
	Timestamps []int64 // milliseconds
}

// Export returns the series that match a selector. Samples are not deduplicated unless they were merged.
func (v *Victoria) Export(selector string) ([]VictoriaSeries, error) {
	if _, err := v.get("/internal/force_flush"); err != nil {
		return nil, err
	}
	text, err := v.get("/api/v1/export?match[]=" + url.QueryEscape(selector))
	if err != nil {
		return nil, err
	}
	var all []VictoriaSeries
	for line := range bytes.Lines([]byte(text)) {
		var s VictoriaSeries
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("export of %s: %w", selector, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Values returns the newest value of every series that matches a selector, by [Point.Series].
func (v *Victoria) Values(selector string) (map[string]float64, error) {
	all, err := v.Export(selector)
	if err != nil {
		return nil, err
	}
	values := make(map[string]float64)
	for _, s := range all {
		p := Point{Name: s.Metric["__name__"], Attributes: s.Metric}
		delete(s.Metric, "__name__")
		values[p.Series()] = s.Values[len(s.Values)-1]
	}
	return values, nil
}

func (v *Victoria) get(path string) (string, error) { return getText(v.promql.URL + path) }

// getText returns the body of a page. VictoriaMetrics answers some of them without content.
func getText(url string) (string, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s: %.200s", url, response.Status, body)
	}
	return string(body), err
}
