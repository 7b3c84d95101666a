package graphitebridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// defaultAgentPort is the port of error-budget agents.
const defaultAgentPort = 18126

// An ErrorBudget configures how the SLIs of a catalog are sent as counters to an error-budget
// agent:
//
//	put error-budget.counters.<UUID> <seconds> <n> service=… response_type=… method_name=… instance=… <labels>
//
// There is one line for each series and response type, with what was counted since the last
// acknowledged one. The response types are success (slow events included), failure and
// ignored_failure. The tags come in this order, followed by the labels of the SLI sorted by name; a
// label with the name of one of the first four tags gets the prefix "exported_".
//
// A series is announced by a line with 0, so that a receiver knows it before its first failure.
// After that, lines are sent only if something was counted: agents add up.
type ErrorBudget struct {
	// UUID names the budget. Required.
	UUID string

	// Service is the value of the tag service. Required.
	Service string

	// Instance identifies this process: without it, processes would replace each other's counts of the
	// same second. "" means the host name with the process ID.
	Instance string

	// Catalog is the one whose SLIs are sent. They are read from it directly, whatever its layout. Nil
	// means [otelsli.Default].
	Catalog *otelsli.Catalog

	// MethodName returns the tag method_name of an SLI. Nil means the name of the SLI.
	MethodName func(sli string) string

	// AllMetrics also sends the application's metrics to the agent, by [Config].Line. Without it
	// neither these nor the exporter's own metrics are sent; other pipelines may export them. The
	// metrics of the SLIs are always left out.
	AllMetrics bool

	// MaxTags is the maximum number of tags of a line; series with more are dropped and counted. Zero
	// means [line.DefaultMaxTags], which leaves room for four labels. Negative means no limit.
	MaxTags int
}

func (c ErrorBudget) withDefaults() ErrorBudget {
	c.Instance = cmp.Or(c.Instance, defaultInstance())
	if c.Catalog == nil {
		c.Catalog = otelsli.Default()
	}
	if c.MethodName == nil {
		c.MethodName = func(sli string) string { return sli }
	}
	return c
}

func (c ErrorBudget) validate() error {
	p := &problems{subject: "graphitebridge: ErrorBudget."}
	p.check(c.UUID != "", "UUID", c.UUID, "the identifier of the error budget")
	p.check(c.Service != "", "Service", c.Service, "the name of the service")
	return p.err()
}

// responseTypes are the response types of a series, in the order of its lines.
var responseTypes = [...]string{ResponseSuccess, ResponseFailure, ResponseIgnoredFailure}

type responses [len(responseTypes)]int64

func responsesOf(c otelsli.Counts) responses {
	return responses{c[otelsli.Success] + c[otelsli.Slow], c[otelsli.Failed], c[otelsli.Ignored]}
}

// delivered is what has been acknowledged of a catalog. It is kept with the catalog, so that a
// later exporter of the same name continues where this one ended.
type delivered struct {
	owner claim
	rows  map[*otelsli.Family][]*account
}

// An account is the acknowledged state of one series.
type account struct {
	settled responses
	clock   clock
}

type deliveredKey struct{ exporter string }

func deliveredOf(catalog *otelsli.Catalog, exporter string) *delivered {
	return catalog.Attachment(deliveredKey{exporter}, func() any {
		return &delivered{rows: make(map[*otelsli.Family][]*account)}
	}).(*delivered)
}

// account returns the account of the point with an index; indexes have no gaps.
func (d *delivered) account(f *otelsli.Family, index int) *account {
	for index >= len(d.rows[f]) {
		d.rows[f] = append(d.rows[f], &account{})
	}
	return d.rows[f][index]
}

// budgetNames returns the names of the lines of a series.
func (c ErrorBudget) budgetNames(sli string, p *otelsli.Point) (names [len(responseTypes)]line.Name, reason line.Reason, ok bool) {
	var labels []line.Tag
	set := p.Attributes(0)
	for iter := set.Iter(); iter.Next(); {
		kv := iter.Attribute()
		if kv.Key != otelsli.AttributeSLI && kv.Key != otelsli.AttributeOutcome { // added by the layout
			labels = append(labels, line.Tag{Key: string(kv.Key), Value: kv.Value.String()})
		}
	}
	slices.SortFunc(labels, func(a, b line.Tag) int { return strings.Compare(a.Key, b.Key) })
	for i, t := range responseTypes {
		names[i], reason, ok = budgetName(c.UUID, c.Service, t, c.MethodName(sli), c.Instance, labels, c.MaxTags)
		if !ok {
			return names, reason, false
		}
	}
	return names, reason, true
}

func budgetName(uuid, service, responseType, method, instance string, labels []line.Tag, maxTags int) (line.Name, line.Reason, bool) {
	return line.PutName(metricErrorBudget+"."+node(uuid), []line.Tag{
		{Key: tagService, Value: service},
		{Key: tagResponseType, Value: responseType},
		{Key: tagMethodName, Value: method},
		{Key: tagInstance, Value: instance},
	}, labels, maxTags)
}

// node keeps a text from becoming more than one node of a metric name.
func node(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '/' {
			return '_'
		}
		return r
	}, text)
}

// errTaken says that two exporters would each deliver a part of the counts.
func errTaken(name string) error {
	return &otelsli.FieldError{
		Field: "graphitebridge: Config.Name",
		Value: fmt.Sprintf("%q, that of another exporter of the catalog's increments", name),
		Want:  "a name of its own, or the other one shut down before",
	}
}
