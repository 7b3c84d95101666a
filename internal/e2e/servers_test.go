package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is a testing.TB that notes how a check ended instead of ending the test.
type outcome struct {
	testing.TB
	skipped, failed bool
}

func (o *outcome) Helper()               {}
func (o *outcome) Skipf(string, ...any)  { o.skipped = true }
func (o *outcome) Fatalf(string, ...any) { o.failed = true }

func TestRequire(t *testing.T) {
	missing := Server("nowhere")
	for _, test := range []struct {
		mode            string
		skipped, failed bool
	}{
		{mode: "", skipped: true},
		{mode: "auto", skipped: true},
		{mode: "off", skipped: true},
		{mode: "required", failed: true},
		{mode: "always", failed: true},
	} {
		t.Run("mode "+test.mode, func(t *testing.T) {
			t.Setenv(ModeVariable, test.mode)
			got := &outcome{TB: t}
			Require(got, missing)
			if (test.skipped && !got.skipped) || got.failed != test.failed {
				t.Errorf("skipped %v, failed %v; want %v, %v", got.skipped, got.failed, test.skipped, test.failed)
			}
		})
	}
}

func TestFindHonoursTheCacheFolder(t *testing.T) {
	t.Setenv("OTELSLI_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	for server := range programs {
		if path, err := server.find(); err == nil {
			t.Errorf("%s found at %s, where nothing is", server, path)
		}
	}
}

func TestFindAsksForTheVersion(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("OTELSLI_CACHE", t.TempDir())
	t.Setenv("PATH", dir)
	for _, test := range []struct {
		server       Server
		name, script string
		found        bool
	}{
		{InfluxDB, "influxd", "[ $1 = version ] && echo InfluxDB v1.8.10", true},
		{InfluxDB, "influxd", "[ $1 = version ] && echo InfluxDB v2.7.1", false},
		{InfluxDB, "influxd", "exit 1", false},
		{Prometheus2, "prometheus", "[ $1 = --version ] && echo prometheus, version 2.42.0", true},
		{Prometheus3, "prometheus", "[ $1 = --version ] && echo prometheus, version 2.42.0", false},
		{Carbon, "carbon-cache", "exit 1", true},
		{VictoriaMetrics, "victoria-metrics", "exit 1", true},
	} {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+test.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if got, err := test.server.find(); (err == nil) != test.found || (test.found && got != path) {
			t.Errorf("%s, as %q: %q, %v; found should be %v", test.server, test.script, got, err, test.found)
		}
	}
}

// A test that lacks a server says how to install it.
func TestInstallServersKnowsEveryServer(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(moduleRoot, "scripts", "install-servers"))
	if err != nil {
		t.Fatal(err)
	}
	for server := range programs {
		if !strings.Contains(string(script), "install_"+string(server)+"()") {
			t.Errorf("scripts/install-servers cannot install %s", server)
		}
	}
}

func TestCarbonName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"prod/jobs/queue/mail.wsp":                            "prod.jobs.queue.mail",
		"_tagged/74f/942/demo_DOT_tagged;a=x_DOT_y;b=2.wsp":   "demo.tagged;a=x.y;b=2",
		"_tagged/1/2/t;text=_DOT__DOT_/_DOT__DOT_/up;z=1.wsp": "t;text=../../up;z=1",
	} {
		if got := carbonName(file); got != want {
			t.Errorf("carbonName(%q) = %q, want %q", file, got, want)
		}
	}
}
