package dashboard

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// to links to another dashboard of the service, and keeps the variables and the time range.
func to(title, uid string) link {
	return link{Title: title, Type: "link", Icon: "dashboard", URL: "/d/" + uid, Tags: []string{}, IncludeVars: true, KeepTime: true}
}

// siblings lists the dashboards of the service.
func (g *generator) siblings() link {
	return link{
		Title: "All of " + g.service, Type: "dashboards", Icon: "external link", Tags: g.allTags(),
		AsDropdown: true, IncludeVars: true, KeepTime: true,
	}
}

// allTags are the tags by which the dashboards of a service are found.
func (g *generator) allTags() []string {
	return append([]string{"otelsli", "service:" + g.service}, g.tags...)
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// runbooks links to the runbook of an objective's burn-rate alert, unless runbooks are disabled.
func (g *generator) runbooks(sli, slo, severity string) []link {
	if g.runbook == "" {
		return nil
	}
	values := map[string]string{
		"{alert}": strings.ToLower(rules.AlertBudgetBurn), "{service}": g.service, "{sli}": sli, "{slo}": slo, "{severity}": severity,
	}
	address := placeholder.ReplaceAllStringFunc(g.runbook, func(name string) string {
		if name == "{job}" {
			return "${job:percentencode}"
		}
		return url.QueryEscape(values[name])
	})
	return []link{{Title: "Runbook", Type: "link", Icon: "doc", URL: address, Tags: []string{}, TargetBlank: true}}
}
