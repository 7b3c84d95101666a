package rules

import (
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// A Set is a set of rule groups, ready to be written. It is plain data, which callers of [Generate]
// and [Static] may change.
type Set struct {
	Groups []Group

	// Inhibitions silence the slower alerts of an incident while a faster one fires.
	Inhibitions []Inhibition

	// Notices say what was left out, and why.
	Notices []Notice

	// Base is the shortest window of the records: 5m unless [WithInterval] changes it.
	Base time.Duration

	// Targets select the targets whose events are counted: the job, and what [WithTargets] adds.
	// A [Static] set has only the latter; none means all targets.
	Targets []names.Matcher

	// Objectives are the objectives that the rules cover, sorted by SLI. A [Static] set has none.
	Objectives []Objective

	name string // of the service or file, for formats that need a name
	utf8 bool   // expressions contain quoted names
}

// An Objective is one objective of one SLI, with the tiers that watch it.
type Objective struct {
	SLI    string
	SLO    string // [otelsli.SLOAvailability] or [otelsli.SLOApdex]
	Target float64
	Period time.Duration
	Tiers  []Tier // those that can fire
}

// A Group is a list of rules that are evaluated in order, at most [MaxGroupRules]. No rule reads what
// another rule of the same group records.
type Group struct {
	Name        string // unique in the set; letters, digits, "_", "." and "-"
	Stage       Stage
	Interval    time.Duration
	QueryOffset time.Duration // 0: none
	Rules       []Rule
}

// MaxGroupRules is the maximum number of rules in a group, which is the default limit of Mimir.
const MaxGroupRules = 20

// A Stage is a link of the chain from counters to alerts. It reads the records of earlier stages,
// which may be up to one of their intervals old.
type Stage string

// The stages, in order.
const (
	StageRaw    Stage = "raw"    // windows up to 6h, from the counters
	StageDays   Stage = "days"   // longer windows, from records of the shortest
	StagePeriod Stage = "period" // the period of the objective, from the same records
	StageBudget Stage = "budget" // what is left of the error budget
	StageGroups Stage = "groups" // budgets of feature categories and owners
	StageAlerts Stage = "alerts"
)

// A Rule is a recording or an alerting rule.
type Rule struct {
	Record        string // name of the record; empty for alerts
	Alert         string // name of the alert; empty for records
	Expr          string // PromQL
	For           time.Duration
	KeepFiringFor time.Duration
	Labels        map[string]string
	Annotations   map[string]string

	metric Metric
}

// A Notice says what was left out of the rules for an objective, and why.
type Notice struct {
	SLI, SLO string
	Text     string
}

// An Inhibition is an inhibition rule of Alertmanager: while the source fires, targets with the same
// values of the labels Equal are not sent.
type Inhibition struct {
	Source, Target []string // matchers, such as `alertname="SLOErrorBudgetBurn"`
	Equal          []string
}
