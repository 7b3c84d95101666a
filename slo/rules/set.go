package rules

import (
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// A Set is groups of rules, ready to be written. It is plain data: whoever makes one by [Generate]
// may change it.
type Set struct {
	Groups []Group

	// Inhibitions keep the slower alerts of one incident quiet while a faster one fires.
	Inhibitions []Inhibition

	// Notices are what was left out, and why.
	Notices []Notice

	// Base is the shortest window of the records, 5m unless the interval was changed.
	Base time.Duration

	// Targets select whose events are counted: the job, and what [WithTargets] adds; empty in a
	// [Static] set for all.
	Targets []names.Matcher

	// Objectives are what the rules are about, sorted by SLI; empty in a [Static] set.
	Objectives []Objective

	name string // of the service or the file, for formats that need a name
	utf8 bool   // expressions contain quoted names
}

// An Objective is one objective of one SLI with the windows that it is watched by.
type Objective struct {
	SLI    string
	SLO    string // [otelsli.SLOAvailability] or [otelsli.SLOApdex]
	Target float64
	Period time.Duration
	Tiers  []Tier // that can fire
}

// A Group is rules that are evaluated one after the other. No rule reads what another one of the
// same group records. There are at most [MaxGroupRules].
type Group struct {
	Name        string // unique in the set; letters, digits, "_", "." and "-"
	Stage       Stage
	Interval    time.Duration
	QueryOffset time.Duration // 0: none
	Rules       []Rule
}

// MaxGroupRules is how many rules a group holds at most: the default limit of Mimir.
const MaxGroupRules = 20

// A Stage is a link of the chain from counters to alerts. A stage reads what earlier stages have
// recorded, up to one interval ago.
type Stage string

// The stages, in their order.
const (
	StageRaw    Stage = "raw"    // windows up to 6h, from the counters
	StageDays   Stage = "days"   // longer windows, from the records of the shortest
	StagePeriod Stage = "period" // the period of the objective, from the same
	StageBudget Stage = "budget" // what is left of the error budget
	StageGroups Stage = "groups" // budgets of feature categories and owners
	StageAlerts Stage = "alerts"
)

// A Rule records a series or raises an alert.
type Rule struct {
	Record        string // either this
	Alert         string // or this
	Expr          string // PromQL
	For           time.Duration
	KeepFiringFor time.Duration
	Labels        map[string]string
	Annotations   map[string]string

	metric Metric
}

// A Notice says what was left out for an objective, and why.
type Notice struct {
	SLI, SLO string
	Text     string
}

// An Inhibition is an inhibition rule of Alertmanager: while the source fires, targets that have
// equal values of some labels are not sent.
type Inhibition struct {
	Source, Target []string // matchers, such as `alertname="SLOErrorBudgetBurn"`
	Equal          []string
}
