package sloflags_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 30 * day, "1w": 7 * day, "1w2d3h": 9*day + 3*time.Hour,
		"": -1, "d": -1, "-1h": -1, "1d-1h": -1, "30": -1, "99999999d": -1, "1d2w": -1,
	} {
		got, err := sloflags.ParseDuration(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"1w2d3h", "90s", "30d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := sloflags.ParseDuration(text); err == nil && d < 0 {
			t.Errorf("%q is %v", text, d)
		}
	})
}

// parsed runs a command with these flags and this configuration file.
func parsed(t *testing.T, config string, args ...string) (r *sloflags.Rules, s *sloflags.Source, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otelsli.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	r, s = &sloflags.Rules{}, &sloflags.Source{}
	cmd := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
	s.Add(cmd)
	r.Add(cmd)
	cmd.SetArgs(append(args, "--config", path))
	return r, s, cmd.ExecuteContext(t.Context())
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	r, s, err := parsed(t, `
from: ./cmd/shop
job: ours
min-failures: 7
interval: 30s
breakdown: true
only-tiers: [page-fast, page-slow]
alert-label: {team: checkout, env: prod}
tier:
  - page-fast:page:14.4:1h:5m
  - page-slow:page:6:6h:30m:2m
`, "--job", "theirs/shop", "--page-severity", "wake")
	if err != nil {
		t.Fatal(err)
	}
	if s.From != "./cmd/shop" || r.Job != "theirs/shop" || r.ServiceName() != "shop" || r.MinFailures != 7 || r.Interval != 30*time.Second {
		t.Errorf("%+v, %+v", s, r)
	}
	set, err := r.Generate(describe(t), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []rules.Tier{
		{Name: "page-fast", Severity: "page", Factor: 14.4, Long: time.Hour, Short: 5 * time.Minute},
		{Name: "page-slow", Severity: "page", Factor: 6, Long: 6 * time.Hour, Short: 30 * time.Minute, For: 2 * time.Minute},
	}
	if diff := cmp.Diff(want, set.Objectives[0].Tiers); diff != "" || set.Base != 150*time.Second {
		t.Errorf("%v (-want +got):\n%s", set.Base, diff)
	}
	var text strings.Builder
	if err := set.Write(&text, rules.Prometheus{}); err != nil || !strings.Contains(text.String(), "team: checkout") || !strings.Contains(text.String(), "sli:label_events") {
		t.Errorf("%v:\n%.3000s", err, &text)
	}
}

func describe(t *testing.T) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	spec := otelsli.Spec{Name: "place_order", Objective: otelsli.Objective{Availability: 0.999}}
	if _, err := otelsli.New(spec, []struct{ Channel string }{{"web"}}, otelsli.WithCatalog(catalog)); err != nil {
		t.Fatal(err)
	}
	return catalog.Describe()
}

func TestConfigurationSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"min_failures: 3":    `field "min_failures": want the name of a flag; did you mean "min-failures"?`,
		"zzzzzzzzzzzz: 3":    `field "zzzzzzzzzzzz": want the name of a flag`,
		"config: x":          `field "config"`,
		"interval: soon":     `duration "soon": want one such as 90s`,
		"job: {a: [{b: 1}]}": "",
		"min-failures: many": `field "min-failures"`,
		"job: null":          `field "job": a <nil>: want a value, a list`,
		"- a":                "configuration",
	} {
		_, _, err := parsed(t, config)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", config, err, want)
		}
	}
}

func TestRulesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "--job is missing: want the job label"},
		{[]string{"--job", "a", "--jobs-matching", "b"}, "want one of them"},
		{[]string{"--jobs-matching", "b"}, "WithService"},
		{[]string{"--job", "a", "--translation", "none"}, "--translation"},
		{[]string{"--job", "a", "--tier", "x"}, `--tier "x": 1 parts: want name:severity`},
		{[]string{"--job", "a", "--tier", "x:page:fast:1h:5m"}, `factor "fast" is not a number`},
		{[]string{"--job", "a", "--tier", "x:page:2:1h:soon"}, `duration "soon"`},
	} {
		r, _, err := parsed(t, "", test.args...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Generate(describe(t), ""); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.args, err, test.want)
		}
	}
}
