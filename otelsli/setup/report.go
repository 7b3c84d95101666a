package setup

import (
	"errors"
	"fmt"
)

// A Report is what [Start] would use, and everything that is wrong with it. It holds no secrets:
// the values of headers, tokens, passwords and URL queries are masked. Fields are only ever added
// to its JSON.
type Report struct {
	// Disabled says that OTEL_SDK_DISABLED, or an alias of it, turns everything off.
	Disabled bool `json:"disabled"`

	// Settings are the settings that matter here, in the order of docs/setup.md.
	Settings []Setting `json:"settings"`

	// Pipelines are the requested pipelines, in order.
	Pipelines []PipelineReport `json:"pipelines"`

	// Resource holds the attributes that all metrics are sent with.
	Resource map[string]string `json:"resource"`

	// Problems are what Start would reject.
	Problems []Problem `json:"problems"`

	// Warnings are what Start would tolerate: aliases of older systems, variables without effect,
	// names that look misspelt.
	Warnings []string `json:"warnings"`
}

// A Setting is one value and where it comes from.
type Setting struct {
	// Name is the variable that can set it, as in the documentation: without METRICS_ if the
	// variable also exists for all signals.
	Name string `json:"name"`

	// Value is the effective value. Secrets are masked.
	Value string `json:"value"`

	Source Source `json:"source"`

	// Beaten lists variables that are set too but have no effect, because Source takes precedence.
	Beaten []string `json:"beaten,omitempty"`
}

// A SourceKind says where a value comes from.
type SourceKind string

// The kinds of sources. Each overrides the ones before it.
const (
	FromDefault  SourceKind = "default"
	FromVariable SourceKind = "variable"
	FromFile     SourceKind = "file" // named by a variable ending in _FILE
	FromOption   SourceKind = "option"
)

// A Source is where a value comes from.
type Source struct {
	Kind SourceKind `json:"kind"`
	Name string     `json:"name,omitempty"` // of the variable or option; "" for a default
	Path string     `json:"path,omitempty"` // of the file
}

// A PipelineReport describes one pipeline.
type PipelineReport struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // otlp, grafana-cloud, prometheus, graphite, console or exporter

	// Target is where the metrics go, or where they are served.
	Target string `json:"target"`

	// Connection is what [Connect] found; nil from [Check].
	Connection *Connection `json:"connection,omitempty"`
}

// A Connection is the outcome of one attempt to export.
type Connection struct {
	OK      bool    `json:"ok"`
	Skipped bool    `json:"skipped,omitempty"` // there was nothing to try
	Result  string  `json:"result"`            // such as "delivered" or "HTTP 401 Unauthorized"
	Advice  string  `json:"advice,omitempty"`  // what to do about it
	Detail  string  `json:"detail,omitempty"`  // the original error, secrets masked
	Seconds float64 `json:"seconds"`           // duration of the attempt
}

// A Problem is one thing that Start would reject.
type Problem struct {
	Field string `json:"field,omitempty"` // the variable or option; "" if only Text names it
	Value string `json:"value,omitempty"` // what it is set to
	Want  string `json:"want,omitempty"`  // what would be right
	Text  string `json:"text"`            // the whole problem, in the words of Start
}

// Err returns the problems, and the pipelines that could not connect, as one error; nil if there
// are none.
func (r *Report) Err() error {
	var errs []error
	for _, p := range r.Problems {
		errs = append(errs, errors.New(p.Text))
	}
	for _, p := range r.Pipelines {
		if c := p.Connection; c != nil && !c.OK && !c.Skipped {
			errs = append(errs, fmt.Errorf("setup: pipeline %q: %s", p.Name, c.Result))
		}
	}
	return errors.Join(errs...)
}
