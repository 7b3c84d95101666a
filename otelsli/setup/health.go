package setup

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
)

// Health is the state of a running export. It contains no secrets but names internal addresses: it
// is for operators, not for the public.
type Health struct {
	// Ready says whether [Telemetry.Ready] returns nil; Reason says why not.
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`

	// Pipelines are in the order of their options.
	Pipelines []PipelineHealth `json:"pipelines"`
}

// PipelineHealth is the state of one pipeline.
type PipelineHealth struct {
	// Name is the name of the pipeline, such as "otlp". Endpoint is where it exports to or is
	// scraped, "" if that is not known.
	Name     string `json:"name"`
	Endpoint string `json:"endpoint,omitempty"`

	// State is [StateWaiting], [StateOK] or [StateFailing].
	State string `json:"state"`

	// LastSuccess is the time of the last export that arrived, or of the last complete scrape; zero
	// means never.
	LastSuccess time.Time `json:"last_success,omitzero"`

	// ConsecutiveFailures is the number of exports that have failed since then, FailingSince the
	// time of the first of them and LastError the text of the last one.
	ConsecutiveFailures int64     `json:"consecutive_failures"`
	FailingSince        time.Time `json:"failing_since,omitzero"`
	LastError           string    `json:"last_error,omitempty"`
}

// The states of a pipeline.
const (
	StateWaiting = "waiting" // nothing has been exported yet
	StateOK      = "ok"      // the last export arrived
	StateFailing = "failing" // the last export did not arrive
)

// Reasons of [Telemetry.Ready].
var (
	errStarting     = errors.New("setup: not ready: starting")
	errShuttingDown = errors.New("setup: not ready: shutting down")
)

// A readiness says whether the process should receive requests. Its zero value is starting.
type readiness struct {
	mu      sync.Mutex
	started bool
	ended   bool
	reason  string // of Unready; "": none
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

// Ready returns nil while the process should receive requests, as far as the export is concerned.
// Otherwise its error says why not: Start has not finished, Shutdown has begun, or
// [Telemetry.Unready] was called. It never blocks.
//
// A backend that is down does not make the process unready: the service works without it, every
// event is still counted, and later exports include it. If a whole fleet turned unready with its
// metrics backend, a fault that no user had noticed would become an outage.
func (t *Telemetry) Ready() error { return t.cfg.observer.readiness.err() }

// Unready makes [Telemetry.Ready] return an error with the given reason, which /readyz shows to the
// public, until it is called with "". Use it in a service that is about to end and keeps answering
// until the load balancer has noticed.
func (t *Telemetry) Unready(reason string) { t.cfg.observer.readiness.set(reason) }

// ReadyHandler answers 200 while [Telemetry.Ready] returns nil, and otherwise 503 with the reason.
// It is for applications that serve their probes themselves.
func (t *Telemetry) ReadyHandler() http.Handler { return sliprom.ReadyHandler(t.Ready) }

// HealthHandler answers with [Telemetry.Health] as JSON, always with status 200. It is for
// operators: its errors and addresses are not for the public.
func (t *Telemetry) HealthHandler() http.Handler {
	return sliprom.ReportHandler(func() any { return t.Health() })
}

// Health returns the state of the export and of each pipeline. It never blocks.
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
