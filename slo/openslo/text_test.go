package openslo

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestShorthand(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		30 * 24 * time.Hour:           "30d",
		36 * time.Hour:                "36h",
		90 * time.Minute:              "90m",
		time.Hour:                     "1h",
		8 * time.Minute:               "8m",
		25*time.Hour + time.Minute:    "1501m",
		7*24*time.Hour + time.Hour:    "169h",
		90 * 24 * time.Hour:           "90d",
		18*time.Hour + 30*time.Minute: "1110m",
	} {
		if got := shorthand(d); got != want {
			t.Errorf("shorthand(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]decimal{
		0.999: "99.9", 0.9: "90", 0.95: "95", 0.29: "29", 0.57: "57", 0.07: "7", 0.9999: "99.99", 0.99999: "99.999",
		0.001: "0.1", 0.0001: "0.01", 1e-9: "0.0000001", 0.123456789: "12.3456789",
	} {
		if got := percent(f); got != want {
			t.Errorf("percent(%v) = %s, want %s", f, got, want)
		}
	}
}

func TestDNSLabel(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"shop": "shop", "prod/Shop": "prod-shop", "place_order": "place-order", "__a__b__": "a-b", "ÄÖ": "", "": "",
		strings.Repeat("a", 63): strings.Repeat("a", 63),
	} {
		if got := dnsLabel(name); got != want {
			t.Errorf("dnsLabel(%q) = %q, want %q", name, got, want)
		}
	}
	long, other := strings.Repeat("a", 64), strings.Repeat("a", 65)
	if dnsLabel(long) == dnsLabel(other) {
		t.Error("two long names have one label")
	}
}

func FuzzDNSLabel(f *testing.F) {
	f.Add("shop")
	f.Add(strings.Repeat("a_", 60))
	pattern := regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$`)
	f.Fuzz(func(t *testing.T, name string) {
		label := dnsLabel(name)
		if !pattern.MatchString(label) {
			t.Errorf("dnsLabel(%q) = %q", name, label)
		}
		if len(name) <= maxLabel && dnsLabel(label) != label {
			t.Errorf("dnsLabel(%q) = %q is not one itself", name, label)
		}
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want string
	}{{"äöü", 3, "äöü"}, {"äöü", 2, "ä…"}, {"", 2, ""}, {"abc", 63, "abc"}} {
		if got := cut(test.text, test.most); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.text, test.most, got, test.want)
		}
	}
}
