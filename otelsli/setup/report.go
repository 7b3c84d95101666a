package setup

import (
	"errors"
	"fmt"
)

// A Report is what a [Start] would use, and all that is wrong with it. It holds no secret: values of
// headers, tokens, passwords and queries of URLs are masked. Its JSON only grows.
type Report struct {
	// Disabled says that OTEL_SDK_DISABLED, or an alias of it, turns everything off.
	Disabled bool `json:"disabled"`

	// Settings are those that play a part, in the order of docs/setup.md.
	Settings []Setting `json:"settings"`

	// Pipelines are the ways out of the process, in the order in which they were asked for.
	Pipelines []PipelineReport `json:"pipelines"`

	// Resource are the attributes that all metrics are sent with.
	Resource map[string]string `json:"resource"`

	// Problems are what Start would refuse.
	Problems []Problem `json:"problems"`

	// Warnings are what Start would put up with: aliases of older systems, variables without an
	// effect, names that look misspelt.
	Warnings []string `json:"warnings"`
}

// A Setting is one value and where it comes from.
type Setting struct {
	// Name is that of the variable that can set it, as the documentation has it: without METRICS_
	// where the variable exists for all signals too.
	Name string `json:"name"`

	// Value is what holds. Secrets are masked.
	Value string `json:"value"`

	Source Source `json:"source"`

	// Beaten are variables that are set too and have no effect, for Source goes before them.
	Beaten []string `json:"beaten,omitempty"`
}

// A SourceKind says where a value comes from.
type SourceKind string

// The kinds of sources, each beating the ones before it.
const (
	FromDefault  SourceKind = "default"
	FromVariable SourceKind = "variable"
	FromFile     SourceKind = "file" // that a variable ending in _FILE names
	FromOption   SourceKind = "option"
)

// A Source is where a value comes from.
type Source struct {
	Kind SourceKind `json:"kind"`
	Name string     `json:"name,omitempty"` // of the variable or option; "" for a default
	Path string     `json:"path,omitempty"` // of the file
}

// A PipelineReport is one way out of the process.
type PipelineReport struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // otlp, grafana-cloud, prometheus, graphite, console or exporter

	// Target says where the metrics go to, or where they are served.
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
	Detail  string  `json:"detail,omitempty"`  // the error as it came, secrets masked
	Seconds float64 `json:"seconds"`           // that it took
}

// A Problem is one thing that Start would refuse.
type Problem struct {
	Field string `json:"field,omitempty"` // the variable or option; "" where the text says it
	Value string `json:"value,omitempty"` // what it is
	Want  string `json:"want,omitempty"`  // what would be right
	Text  string `json:"text"`            // all of it, as Start would say it
}

// Err returns the problems, and the pipelines that could not connect, as one error; nil where there
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
