package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
)

// Influx is a running InfluxDB 1 that receives lines of OpenTSDB.
type Influx struct {
	*Process
	// OpenTSDB is the host:port of the receiver without TLS, Secured of the one with it.
	OpenTSDB, Secured string

	url string
}

const influxConfig = `reporting-disabled = true
bind-address = "$RPC"
[meta]
  dir = "$DIR/meta"
[data]
  dir = "$DIR/data"
  wal-dir = "$DIR/wal"
[http]
  bind-address = "$HTTP"
  log-enabled = false
[[opentsdb]]
  enabled = true
  bind-address = "$PLAIN"
  database = "lines"
  batch-timeout = "100ms"
[[opentsdb]]
  enabled = true
  bind-address = "$SECURED"
  database = "lines"
  batch-timeout = "100ms"
  tls-enabled = true
  certificate = "$DIR/server.pem"
`

// StartInfluxDB starts an InfluxDB and waits until it is ready. Its TLS receiver is signed by the authority.
func StartInfluxDB(t testing.TB, authority *faults.Authority) *Influx {
	t.Helper()
	binary, dir, addr := InfluxDB.Binary(t), t.TempDir(), FreeAddr(t)
	i := &Influx{OpenTSDB: FreeAddr(t), Secured: FreeAddr(t), url: "http://" + addr}
	writeFile(t, filepath.Join(dir, "server.pem"), slices.Concat(readFile(t, authority.CertFile), readFile(t, authority.KeyFile)))
	config := strings.NewReplacer("$DIR", dir, "$RPC", FreeAddr(t), "$HTTP", addr,
		"$PLAIN", i.OpenTSDB, "$SECURED", i.Secured).Replace(influxConfig)
	file := filepath.Join(dir, "influx.conf")
	writeFile(t, file, []byte(config))
	i.Process = StartProcess(t, binary, "run", "-config", file)
	// On SIGTERM it waits for its own batcher, sometimes for ever.
	t.Cleanup(func() { _ = i.cmd.Process.Kill() })
	for _, lines := range []string{i.OpenTSDB, i.Secured} {
		waitReady(t, i.Process, func() error { return probeTCP(lines) })
	}
	return i
}

// Values evaluates a function, such as "last" or "sum", over every series, by [Point.Series].
func (i *Influx) Values(function string) (map[string]float64, error) {
	query := fmt.Sprintf(`SELECT %s("value") FROM /.*/ GROUP BY *`, function)
	text, err := getText(i.url + "/query?db=lines&q=" + url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results []struct {
			Error  string
			Series []struct {
				Name   string
				Tags   map[string]string
				Values [][]any // of one row: time and value
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, fmt.Errorf("query %s: %w", query, err)
	}
	values := make(map[string]float64)
	for _, result := range answer.Results {
		if result.Error != "" {
			return nil, fmt.Errorf("query %s: %w", query, errors.New(result.Error))
		}
		for _, s := range result.Series {
			// A tag that another series of the measurement has is empty here.
			for key, value := range s.Tags {
				if value == "" {
					delete(s.Tags, key)
				}
			}
			values[Point{Name: s.Name, Attributes: s.Tags}.Series()], _ = s.Values[0][1].(float64)
		}
	}
	return values, nil
}
