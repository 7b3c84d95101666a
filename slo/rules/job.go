package rules

import (
	"strings"

	"github.com/otelsli/otelsli-go/slo/names"
)

// Jobs selects the series of one service by the label job. Two services that share the name of an
// SLI would be added up without it.
type Jobs struct {
	matcher names.Matcher
	service string // what the service is called if the user does not say
}

// Job selects the series whose label job is name. Behind OTLP that is "<service.namespace>/<service.name>",
// or service.name alone where there is no namespace. The service is called what follows the "/",
// unless [WithService] says otherwise.
func Job(name string) Jobs {
	return Jobs{matcher: names.Equal(labelJob, name), service: name[strings.LastIndex(name, "/")+1:]}
}

// JobsMatching selects the series whose label job matches the whole RE2 expression, for a service
// that is scraped under several. Each job has a budget and alerts of its own. [WithService] is
// required with it.
func JobsMatching(expression string) Jobs {
	return Jobs{matcher: names.Regexp(labelJob, expression)}
}
