package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A victoriaTarget is VictoriaMetrics with a store of its own, which keeps duplicates.
type victoriaTarget struct {
	process
	http string
}

func newVictoria(dir string) (target, error) {
	path, err := exec.LookPath("victoria-metrics")
	if err != nil {
		return nil, err
	}
	addresses, err := freeAddresses(2)
	if err != nil {
		return nil, err
	}
	lines, web := addresses[0], addresses[1]
	return &victoriaTarget{http: "http://" + web, process: process{
		address: lines, log: filepath.Join(dir, "log"),
		command: func() *exec.Cmd {
			return exec.Command(path, "-storageDataPath="+filepath.Join(dir, "data"), "-retentionPeriod=1",
				"-httpListenAddr="+web, "-graphiteListenAddr="+lines, "-dedup.minScrapeInterval=0s",
				"-search.latencyOffset=0s", "-search.disableCache", "-memory.allowedBytes=268435456")
		},
	}}, nil
}

func (v *victoriaTarget) listens() string { return v.address }

// settle has everything that was read written to disk. Rows reach the storage some time after they
// were read, and how long that takes depends on the machine: it waits until no more come.
func (v *victoriaTarget) settle() {
	for last := -1; ; {
		time.Sleep(300 * time.Millisecond)
		v.ask("/internal/force_flush")
		got, err := v.export()
		if err != nil || len(got) == last {
			break
		}
		last = len(got)
	}
	v.ask("/snapshot/create") // which writes what is in memory
	v.ask("/snapshot/delete_all")
}

func (v *victoriaTarget) ask(path string) {
	if body, err := v.get(path); err == nil {
		_ = body.Close()
	}
}

func (v *victoriaTarget) arrived() (arrivals, error) {
	v.settle()
	defer v.end(syscall.SIGTERM)
	return v.export()
}

func (v *victoriaTarget) export() (arrivals, error) {
	body, err := v.get("/api/v1/export?match[]=" + url.QueryEscape(`{__name__=~"kc_.*"}`))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return parseExport(body)
}

func (v *victoriaTarget) get(path string) (io.ReadCloser, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(v.http + path)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		_ = response.Body.Close()
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return response.Body, nil
}

// parseExport reads one JSON object for each series.
func parseExport(r io.Reader) (arrivals, error) {
	got := make(arrivals)
	for decoder := json.NewDecoder(r); ; {
		var series struct {
			Metric map[string]string
			Values []float64
		}
		if err := decoder.Decode(&series); errors.Is(err, io.EOF) {
			return got, nil
		} else if err != nil {
			return nil, err
		}
		if p, ok := parsePoint(series.Metric["__name__"]); ok {
			got[p] = append(got[p], series.Values...)
		}
	}
}
