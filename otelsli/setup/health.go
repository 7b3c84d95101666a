package setup

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
)

// Health is what is known of a running export. It has no secrets, but names internal addresses: it
// is for operators, not for the public.
type Health struct {
	// Ready is the answer of [Telemetry.Ready], and Reason why it is false.
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`

	// Pipelines are in the order of their options.
	Pipelines []PipelineHealth `json:"pipelines"`
}

// PipelineHealth is the state of one pipeline.
type PipelineHealth struct {
	// Name is that of the pipeline, such as "otlp", and Endpoint where it exports to, or is scraped,
	// "" where that is not known.
	Name     string `json:"name"`
	Endpoint string `json:"endpoint,omitempty"`

	// State is [StateWaiting], [StateOK] or [StateFailing].
	State string `json:"state"`

	// LastSuccess is when the last export arrived, or a scraper was last given everything; zero:
	// never.
	LastSuccess time.Time `json:"last_success,omitzero"`

	// ConsecutiveFailures is the number of exports that failed since then, FailingSince the time of
	// the first of them and LastError what the last one said.
	ConsecutiveFailures int64     `json:"consecutive_failures"`
	FailingSince        time.Time `json:"failing_since,omitzero"`
	LastError           string    `json:"last_error,omitempty"`
}

// The states of a pipeline.
const (
	StateWaiting = "waiting" // nothing has been exported yet
	StateOK      = "ok"      // the last export has arrived
	StateFailing = "failing" // the last export has not arrived
)

// Reasons of [Telemetry.Ready].
var (
	errStarting     = errors.New("setup: not ready: starting")
	errShuttingDown = errors.New("setup: not ready: shutting down")
)

// A readiness says whether requests are welcome. Its zero value is starting.
type readiness struct {
	mu      sync.Mutex
	started bool
	ended   bool
	reason  string // of Unready; "" is none
}

func (r *readiness) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = true
}

func (r *readiness) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

func (r *readiness) set(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reason = reason
}

func (r *readiness) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended:
		return errShuttingDown
	case !r.started:
		return errStarting
	case r.reason != "":
		return errors.New("setup: not ready: " + r.reason)
	}
	return nil
}

// Ready returns nil while the process should be sent requests, as far as the export is concerned,
// and otherwise an error that says why not: Start has not finished yet, Shutdown has begun, or
// [Telemetry.Unready] says so. It never waits.
//
// A backend that is down is no reason: the service does its work without it, every event is counted
// all the same and what is exported later has it. A fleet that turned unready with its metrics
// backend would make an outage of one that nobody had noticed.
func (t *Telemetry) Ready() error { return t.cfg.observer.readiness.err() }

// Unready makes [Telemetry.Ready] return an error with that reason, which /readyz shows to the public,
// until it is called with "". It is for a service that is about to end and goes on answering until the
// load balancer has noticed.
func (t *Telemetry) Unready(reason string) { t.cfg.observer.readiness.set(reason) }

// ReadyHandler answers 200 while [Telemetry.Ready] returns nil, and else 503 with the reason, for an
// application that has its probes on a server of its own.
func (t *Telemetry) ReadyHandler() http.Handler { return sliprom.ReadyHandler(t.Ready) }

// HealthHandler answers with [Telemetry.Health] as JSON, always with status 200. It is for operators:
// errors and addresses in it are not for the public.
func (t *Telemetry) HealthHandler() http.Handler {
	return sliprom.ReportHandler(func() any { return t.Health() })
}

// Health returns the state of everything. It never waits.
func (t *Telemetry) Health() Health {
	h := Health{Pipelines: []PipelineHealth{}}
	if err := t.Ready(); err != nil {
		h.Reason = err.Error()
	}
	h.Ready = h.Reason == ""
	for _, p := range t.pipelines {
		h.Pipelines = append(h.Pipelines, p.health())
	}
	return h
}

func (w *watch) health() PipelineHealth {
	t := w.snapshot()
	h := PipelineHealth{
		Name:                w.name,
		Endpoint:            w.endpoint,
		State:               StateOK,
		LastSuccess:         t.lastSuccess,
		ConsecutiveFailures: t.failing,
		FailingSince:        t.failingSince,
		LastError:           t.lastErr,
	}
	switch {
	case t.failing > 0:
		h.State = StateFailing
	case t.lastSuccess.IsZero():
		h.State = StateWaiting
	}
	return h
}

func (w *scrapeWatch) health(addr string) PipelineHealth {
	h := PipelineHealth{Name: pullName, Endpoint: addr, State: StateOK, LastSuccess: w.snapshot().last}
	if h.LastSuccess.IsZero() {
		h.State = StateWaiting
	}
	return h
}
