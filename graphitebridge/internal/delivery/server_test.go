package delivery

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tcp://graphite.example.com:2003":  "tcp://graphite.example.com:2003",
		"tcp://graphite.example.com:2003/": "tcp://graphite.example.com:2003",
		"TCP://graphite":                   "tcp://graphite:1234",
		"tcp://graphite/":                  "tcp://graphite:1234",
		"tls://graphite:2003":              "tls://graphite:2003",
		"tcps://graphite:2003":             "tls://graphite:2003",
		"tcp://127.0.0.1:1":                "tcp://127.0.0.1:1",
		"tcp://[::1]:65535":                "tcp://[::1]:65535",
		"tcp://[2001:db8::1]":              "tcp://[2001:db8::1]:1234",
		"tcp://my_host.local.:2003":        "tcp://my_host.local.:2003",
		"tcp://bücher.example:2003":        "tcp://bücher.example:2003",
	} {
		got, err := ParseServer(text, 1234)
		if err != nil || got.String() != want {
			t.Errorf("ParseServer(%q): %v, %v, want %s", text, got, err, want)
		}
		if strings.HasPrefix(want, "tls") && (got.TLS == nil || got.TLS.MinVersion == 0) {
			t.Errorf("ParseServer(%q): TLS %v", text, got.TLS)
		}
	}
}

func TestParseServerRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "want tcp://host:port",
		"graphite":                           "want tcp://host:port",
		"graphite:2003":                      "want tcp://host:port",
		"127.0.0.1:2003":                     "want tcp://host:port",
		"http://graphite:2003":               "want tcp://host:port",
		"udp://graphite:2003":                "want tcp://host:port",
		"tcp:graphite:2003":                  "want tcp://host:port",
		"tcp://":                             "want tcp://host:port",
		"tcp://:2003":                        "want tcp://host:port",
		"tcp://::1:2003":                     "want tcp://host:port",
		"tcp://[graphite]:2003":              "want tcp://host:port",
		"tcp://[127.0.0.1]:2003":             "want tcp://host:port",
		"tcp://a,b:2003":                     "want tcp://host:port",
		"tcp://a b:2003":                     "want tcp://host:port",
		"tcp://graphite":                     "the port is missing",
		"tcp://graphite:":                    "the port is missing",
		"tcp://graphite:0":                   "a port from 1 to 65535",
		"tcp://graphite:65536":               "a port from 1 to 65535",
		"tcp://graphite:http":                "want tcp://host:port",
		"tcp://graphite:2003/path":           "with nothing behind the port",
		"tcp://graphite:2003?a=b":            "with nothing behind the port",
		"tcp://graphite:2003?token=hunter2":  "with nothing behind the port",
		"tcp://gra phite:2003?hunter2":       "want tcp://host:port",
		"tcp://graphite:2003#a":              "with nothing behind the port",
		"tcp://graphite:2003#":               "with nothing behind the port",
		"tcp://user:hunter2@host:2003":       "no users",
		"tcp://user:hunter2@ho st:2003":      "want tcp://host:port",
		"hunter2@host":                       "want tcp://host:port",
		"tcp://host:2003/hunter2@":           "nothing behind",
		"tcp://graphite:+2003":               "want tcp://host:port",
		"tcp://" + strings.Repeat("x/", 500): "nothing behind",
	} {
		got, err := ParseServer(text, 0)
		var field *otelsli.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseServer(%q): %v, %v, want an error with %q", text, got, err, want)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || len(err.Error()) > 400 {
			t.Errorf("ParseServer(%.20q): %v: that must not be shown", text, err)
		}
	}
}

func TestParseServerTrims(t *testing.T) {
	t.Parallel()
	if s, err := ParseServer(" tcp://graphite:2003\n", 0); err != nil || s.Address != "graphite:2003" {
		t.Errorf("%v, %v", s, err)
	}
}

// Whatever is accepted is an address that net takes, and reads back as itself.
func FuzzParseServer(f *testing.F) {
	for _, seed := range []string{"tcp://h:1", "tls://[::1]:2003/", "tcps://h", "tcp://u:p@h", "tcp://[fe80::1%25eth0]:1", "tcp://h:1#", "://"} {
		f.Add(seed, 2003)
		f.Add(seed, 0)
	}
	f.Fuzz(func(t *testing.T, text string, port int) {
		port = max(min(port, 65535), 0)
		server, err := ParseServer(text, port)
		if err != nil {
			var field *otelsli.FieldError
			if !errors.As(err, &field) {
				t.Fatalf("%v is no field error", err)
			}
			if i := strings.LastIndexByte(text, '@'); i > 0 && !strings.HasPrefix(field.Value, `"…@`) {
				t.Fatalf("the error shows what may be a password: %v", err)
			}
			return
		}
		host, _, err := net.SplitHostPort(server.Address)
		if err != nil || host == "" || strings.ContainsAny(server.Address, " \t\r\n/@") {
			t.Fatalf("%q became %q", text, server.Address)
		}
		again, err := ParseServer(server.String(), 0)
		if err != nil || again.Address != server.Address || (again.TLS == nil) != (server.TLS == nil) {
			t.Fatalf("%q became %v, which reads as %v, %v", text, server, again, err)
		}
		if _, err := New(Config{Servers: []Server{server}}); err != nil {
			t.Fatalf("%q became %v, which New refuses: %v", text, server, err)
		}
	})
}
