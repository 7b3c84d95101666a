package graphitebridge

import (
	"crypto/tls"
	"errors"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/metric/noop"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	servers := []string{"tcp://localhost"}
	for _, c := range []struct {
		config Config
		want   []string
	}{
		{Config{}, []string{"Config.Servers is []: want at least one address"}},
		{Config{Servers: []string{"localhost:2003"}}, []string{"graphitebridge: ", "tcp://host:port"}},
		{Config{Servers: []string{"tcp://ok:1", "udp://a:1", "tcp://b:0"}}, []string{"udp://a:1", "tcp://b:0"}},
		{Config{Servers: servers, Mode: 9}, []string{"Config.Mode is Mode(9)"}},
		{Config{Servers: servers, Timeout: -1}, []string{"Config.Timeout"}},
		{Config{Servers: servers, BatchBytes: -1}, []string{"Config.BatchBytes"}},
		{Config{Servers: servers, LogInterval: -1}, []string{"Config.LogInterval"}},
		{Config{Servers: servers, Delivery: Delivery{ReadTimeout: -1}}, []string{"ReadTimeout"}},
		{Config{Servers: servers, Line: line.Config{Template: "x", Scale: 99}}, []string{"Config.Template", "Config.Scale"}},
		{Config{Servers: servers, ErrorBudget: &ErrorBudget{}}, []string{"ErrorBudget.UUID", "ErrorBudget.Service"}},
		{Config{Servers: servers, ErrorBudget: &ErrorBudget{UUID: "u", Service: "s", AllMetrics: true}}, []string{"Config.Line.Format is graphite: want OpenTSDB"}},
	} {
		e, err := New(c.config)
		var field *otelsli.FieldError
		if e != nil || !errors.As(err, &field) {
			t.Errorf("%+v: %v", c.config, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not say %q", err, part)
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config Config
		port   int
	}{
		{Config{}, 2003},
		{Config{Line: line.Config{Format: line.OpenTSDB}}, 4242},
		{Config{ErrorBudget: &ErrorBudget{}}, 18126},
	} {
		if got := c.config.withDefaults().defaultPort(); got != c.port {
			t.Errorf("port %d, want %d", got, c.port)
		}
	}
	host, _ := os.Hostname()
	if c := (Config{}).withDefaults(); !strings.HasPrefix(c.Line.FallbackInstance, host+"-") || c.Name != DefaultName || c.Timeout != DefaultTimeout {
		t.Errorf("defaults %+v", c)
	}
	if e, err := New(Config{Servers: []string{"tcp://[::1]/"}, MeterProvider: noop.NewMeterProvider()}); err != nil || e.Shutdown(t.Context()) != nil {
		t.Errorf("the least configuration: %v", err)
	}
}

func TestServers(t *testing.T) {
	t.Parallel()
	config := &tls.Config{ServerName: "name"}
	got, err := parseServers([]string{"tcp://a", "tls://[::1]:7/"}, 2003, config)
	if err != nil || got[0].Address != "a:2003" || got[0].TLS != nil || got[1].Address != "[::1]:7" || got[1].TLS.ServerName != "name" {
		t.Errorf("servers %+v, %v", got, err)
	}
}

func TestModeText(t *testing.T) {
	t.Parallel()
	for _, m := range []Mode{Ack, Stream, Sync} {
		text, err := m.MarshalText()
		var back Mode
		if err != nil || back.UnmarshalText(text) != nil || back != m || deliveryModes[m].String() != m.String() {
			t.Errorf("%v reads back as %v, %v", m, back, err)
		}
	}
	var m Mode
	if err := m.UnmarshalText([]byte("udp")); err == nil || !strings.Contains(err.Error(), "ack, stream, sync") {
		t.Errorf("error %v", err)
	}
	if _, err := Mode(9).MarshalText(); err == nil {
		t.Error("a mode that does not exist has a text")
	}
}
