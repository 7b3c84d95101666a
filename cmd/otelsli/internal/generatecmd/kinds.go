package generatecmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/openslo"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// kinds returns what can be generated. Each kind has its own flag values.
func kinds() []kind {
	return []kind{rulesKind(), staticKind(), {
		name: "dashboards", short: "Write Grafana dashboards",
		long:     "Write Grafana dashboards: one for each SLI, and overviews of the service and of each\nfeature category.",
		example:  "  otelsli generate dashboards --from ./cmd/shop --job shop --out deploy/dashboards",
		generate: (*generation).dashboards,
	}, {
		name: "openslo", short: "Write OpenSLO documents",
		long:     "Write the objectives as OpenSLO v1 documents, in one file.",
		example:  "  otelsli generate openslo --from ./cmd/shop --job shop --out deploy/slo",
		generate: (*generation).openSLO,
	}, {
		name: "sloth", short: "Write Sloth specs",
		long:     "Write the objectives as Sloth specs (prometheus/v1): one file for each period of the\nobjectives.",
		example:  "  otelsli generate sloth --from ./cmd/shop --job shop --out deploy/slo",
		generate: (*generation).sloth,
	}, {
		name: "alertmanager", short: "Write Alertmanager inhibition rules",
		long:     "Write Alertmanager inhibition rules: while a fast alert fires, the slower ones of the\nsame objective are muted.",
		example:  "  otelsli generate alertmanager --from ./cmd/shop --job shop --out deploy/slo",
		generate: (*generation).alertmanager,
	}}
}

// A ruleFile holds the flags for a file of rules.
type ruleFile struct {
	format    string
	namespace string
	name      string
	labels    map[string]string
}

func (f *ruleFile) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "format", ruleFormats[0], "`format` of the file: "+strings.Join(ruleFormats, ", "))
	cmd.Flags().StringVar(&f.namespace, "namespace", "", "`namespace` of the PrometheusRule, or of the rules in Mimir")
	cmd.Flags().StringVar(&f.name, "resource-name", "", "`name` of the PrometheusRule (default: otelsli- and the service, or the prefix)")
	cmd.Flags().StringToStringVar(&f.labels, "resource-label", nil, "add the label `name=value` to the PrometheusRule, such as release=kube; repeatable")
	cmd.Flags().Lookup("resource-label").DefValue = "" // pflag would show []
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(ruleFormats, cobra.ShellCompDirectiveNoFileComp))
}

var ruleFormats = []string{"prometheus", "prometheusrule", "mimir", "vmalert"}

func rulesKind() kind {
	var f ruleFile
	return kind{
		name: "rules", short: "Write recording rules and alerts",
		long: "Write recording rules and burn-rate alerts for Prometheus, the Prometheus operator\n(PrometheusRule), mimirtool or vmalert.",
		example: `  otelsli generate rules --from ./cmd/shop --job shop --out deploy/slo
  otelsli generate rules --from ./cmd/shop --job shop --out deploy/slo --check
  otelsli generate rules --from slis.json --job shop --out - --format prometheusrule --resource-label release=kube`,
		flags:    f.add,
		generate: func(g *generation) error { return g.ruleFile(&f) },
	}
}

// staticKind returns the kind of the one file that serves every service with the layout Outcomes.
func staticKind() kind {
	var f ruleFile
	var periods []string
	var prefix string
	return kind{
		name: "static", short: "Write one rule file that serves every service", sourceless: true,
		long: "Write recording rules and alerts that serve every service whose catalog has the layout\nOutcomes. Such services export their objectives, so neither SOURCE nor JOB is needed.",
		example: `  otelsli generate static --out deploy/slo
  otelsli generate static --periods 7d,30d --prefix gitlab_sli --out deploy/slo`,
		flags: func(cmd *cobra.Command) {
			f.add(cmd)
			cmd.Flags().StringSliceVar(&periods, "periods", []string{rules.Duration(otelsli.DefaultWindow)}, "`periods` that objectives may have; each adds to the cost of every SLI")
			cmd.Flags().StringVar(&prefix, "prefix", otelsli.DefaultPrefix, "`prefix` of the catalogs to serve")
		},
		generate: func(g *generation) error { return g.static(&f, prefix, periods) },
	}
}

func (g *generation) static(f *ruleFile, prefix string, texts []string) error {
	format, err := f.target()
	if err != nil {
		return err
	}
	var periods []time.Duration
	for _, text := range texts {
		period, err := sloflags.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("--periods: %w", err)
		}
		periods = append(periods, period)
	}
	options, err := g.rules.Options()
	if err != nil {
		return err
	}
	set, err := rules.Static(periods, append(options, rules.WithPrefix(prefix))...)
	if err != nil {
		return err
	}
	return g.add("otelsli-rules.yml", func(w io.Writer) error { return set.Write(w, format) })
}

func (f *ruleFile) target() (rules.Format, error) {
	switch f.format {
	case "prometheus":
		return rules.Prometheus{}, nil
	case "prometheusrule":
		return rules.PrometheusRule{Name: f.name, Namespace: f.namespace, Labels: f.labels}, nil
	case "mimir":
		return rules.Mimir{Namespace: f.namespace}, nil
	case "vmalert":
		return rules.VMAlert{}, nil
	}
	return nil, fmt.Errorf("--format %q: want one of %s", f.format, strings.Join(ruleFormats, ", "))
}

func (g *generation) ruleFile(f *ruleFile) error {
	format, err := f.target()
	if err != nil {
		return err
	}
	for _, n := range g.set.Notices {
		g.notices = append(g.notices, fmt.Sprintf("%s, %s: %s", n.SLI, n.SLO, n.Text))
	}
	return g.add(g.file("rules.yml"), func(w io.Writer) error { return g.set.Write(w, format) })
}

func (g *generation) alertmanager() error {
	return g.add(g.file("inhibit.yml"), g.set.WriteInhibitions)
}

func (g *generation) dashboards() error {
	strategy, err := g.rules.Strategy()
	if err != nil {
		return err
	}
	all, err := dashboard.Generate(g.description, g.rules.ServiceName(),
		dashboard.WithRules(g.set), dashboard.WithTranslation(strategy), dashboard.WithJobs(g.rules.Matcher()), dashboard.WithRunbookURL(g.rules.RunbookURL))
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := g.add(d.FileName(), d.Write); err != nil {
			return err
		}
	}
	return nil
}

func (g *generation) slos() (*openslo.Set, error) {
	strategy, err := g.rules.Strategy()
	if err != nil {
		return nil, err
	}
	return openslo.Generate(g.description, g.rules.ServiceName(),
		openslo.WithRules(g.set), openslo.WithTranslation(strategy), openslo.WithJobs(g.rules.Matcher()), openslo.WithSeverities(g.rules.Severities()))
}

func (g *generation) openSLO() error {
	set, err := g.slos()
	if err != nil {
		return err
	}
	return g.add(g.file("openslo.yml"), func(w io.Writer) error { return set.Write(w, openslo.V1{}) })
}

// sloth writes a file for each period, because a Sloth spec has one period.
func (g *generation) sloth() error {
	set, err := g.slos()
	if err != nil {
		return err
	}
	for _, period := range slices.Compact(set.Periods()) {
		name := g.file("sloth-" + rules.Duration(period) + ".yml")
		if err := g.add(name, func(w io.Writer) error { return set.Write(w, openslo.Sloth{Period: period}) }); err != nil {
			return err
		}
	}
	return nil
}
