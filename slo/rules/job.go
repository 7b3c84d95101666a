package rules

import (
	"strings"

	"github.com/otelsli/otelsli-go/slo/names"
)

// Jobs selects the series of one service by the label job. Without it, services whose SLIs have the
// same name would be added up.
type Jobs struct {
	matcher names.Matcher
	service string // name of the service unless WithService sets it
}

// Job selects the series whose label job is name. For metrics that arrive by OTLP, that is
// "<service.namespace>/<service.name>", or service.name alone if there is no namespace. The name of
// the service is what follows the last "/", unless [WithService] sets it.
func Job(name string) Jobs {
	return Jobs{matcher: names.Equal(labelJob, name), service: name[strings.LastIndex(name, "/")+1:]}
}

// JobsMatching selects the series whose label job matches the RE2 expression, which is anchored at
// both ends, for a service with several jobs. Each job has its own budget and alerts. It requires
// [WithService].
func JobsMatching(expression string) Jobs {
	return Jobs{matcher: names.Regexp(labelJob, expression)}
}
