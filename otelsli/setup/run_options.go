package setup

import (
	"errors"
	"strconv"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A lifecycle is the part of a config that says where and how the process runs.
type lifecycle struct {
	detections       []detection
	runtimeMetrics   bool
	terminationDelay time.Duration
	gracePeriod      time.Duration
}

// WithTerminationDelay keeps the function of [Run] running for d after SIGTERM, while /readyz
// already reports that the process is not ready. Load balancers need some seconds to stop sending
// requests, and those requests should be answered. SIGINT, which a person sends, is not delayed.
// Default and 0: OTELSLI_TERMINATION_DELAY in milliseconds, otherwise no delay.
func WithTerminationDelay(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.terminationDelay = d })
}

// WithGracePeriod limits how long [Run] waits for its function once that has been asked to end.
// After that, Run does its last export without waiting further and returns [ErrNotReturned], so a
// request that never ends does not cost the last export: an orchestrator kills the process some
// time after SIGTERM. Give the orchestrator more time than the termination delay, the grace period
// and the shutdown timeout together. With a grace period, the function runs on its own goroutine,
// where a panic ends the process, after the export. Default and 0: OTELSLI_GRACE_PERIOD in
// milliseconds, otherwise Run waits indefinitely.
func WithGracePeriod(d time.Duration) Option {
	return optionFunc(func(cfg *config) { cfg.gracePeriod = d })
}

// resolve fills in what the options left open.
func (l *lifecycle) resolve(env *environment) error {
	err := l.check()
	if l.runtimeMetrics {
		env.decided("WithRuntimeMetrics", "true", "OTELSLI_RUNTIME_METRICS")
	} else {
		l.runtimeMetrics, _ = env.boolean("OTELSLI_RUNTIME_METRICS")
	}
	env.fill(&l.terminationDelay, "WithTerminationDelay", "OTELSLI_TERMINATION_DELAY", 0)
	env.fill(&l.gracePeriod, "WithGracePeriod", "OTELSLI_GRACE_PERIOD", 1)
	return err
}

// fill reads a time of at least the given number of milliseconds, unless the option has set it.
func (e *environment) fill(d *time.Duration, option, variable string, least int64) {
	if *d != 0 {
		e.decided(option, strconv.FormatInt(d.Milliseconds(), 10), variable)
		return
	}
	*d = e.millisecondsFrom(least, variable)
}

func (l *lifecycle) check() error {
	var errs []error
	for _, o := range []struct {
		option string
		value  time.Duration
	}{
		{"WithTerminationDelay", l.terminationDelay},
		{"WithGracePeriod", l.gracePeriod},
	} {
		if o.value < 0 {
			errs = append(errs, &otelsli.FieldError{
				Field: o.option, Value: o.value.String(), Want: "a positive duration, or 0 for the default",
			})
		}
	}
	return errors.Join(errs...)
}
