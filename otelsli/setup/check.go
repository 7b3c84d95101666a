package setup

import (
	"context"
	"errors"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Check reports what [Start] would use with these options in this environment, where each value
// comes from, and everything that is wrong. It starts nothing and connects to nothing. Like a Start
// that fails, it shuts down the exporters of [WithExporter].
//
// The report is never nil. The error is its [Report.Err], joined with the errors of exporters that
// could not be shut down. Check is for a process that has not called Start.
func Check(ctx context.Context, options ...Option) (*Report, error) {
	cfg := newConfig(options)
	r := cfg.report(ctx)
	return r, errors.Join(r.Err(), discard(ctx, cfg.specs))
}

// report resolves the configuration and describes it.
func (c *config) report(ctx context.Context) *Report {
	r := &Report{Settings: []Setting{}, Pipelines: []PipelineReport{}, Problems: []Problem{}, Resource: map[string]string{}}
	r.Disabled, _ = c.env.boolean("OTEL_SDK_DISABLED")
	if r.Disabled {
		c.setDefaults()
		r.Settings, r.Warnings = c.settings(), c.env.warnings(nil)
		return r
	}
	err := c.resolve(ctx)
	r.Problems = c.problems(err)
	r.Settings = c.settings()
	if c.resource != nil {
		for _, kv := range c.resource.Attributes() {
			r.Resource[string(kv.Key)] = c.env.scrub(kv.Value.String())
		}
	}
	for _, s := range c.specs {
		r.Pipelines = append(r.Pipelines, PipelineReport{Name: s.name(), Kind: kindOf(s), Target: c.env.scrub(targetOf(s))})
	}
	r.Warnings = c.env.warnings(c.specs)
	return r
}

// problems splits a joined error.
func (c *config) problems(err error) []Problem {
	problems := []Problem{}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			problems = append(problems, c.problems(err)...)
		}
		return problems
	}
	if err == nil {
		return problems
	}
	p := Problem{Text: c.env.scrub(err.Error())}
	if field, ok := errors.AsType[*otelsli.FieldError](err); ok {
		p.Field, p.Value, p.Want = field.Field, c.env.scrub(field.Value), c.env.scrub(field.Want)
	}
	return append(problems, p)
}
