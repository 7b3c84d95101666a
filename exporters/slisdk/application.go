package slisdk

import (
	"context"
	"errors"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// An application collects everything that is not an SLI: the metrics of the MeterProvider and of
// producers. The caller must hold the pipeline's turn.
type application struct {
	reader    *sdkmetric.ManualReader
	producers []sdkmetric.Producer
	resource  *resource.Resource // the last known

	running  *collection   // not yet known to have ended
	finished []*collection // not yet handed to the exporter
	spare    *collection
}

// A collection is one reading of the application's metrics. It belongs to the reading goroutine
// until done is closed.
type collection struct {
	sdk   metricdata.ResourceMetrics // memory that the SDK reuses
	other []metricdata.ScopeMetrics  // memory of the producers
	err   error
	done  chan struct{}
}

// collect starts a collection and waits for it until ctx ends. A collection that takes longer goes
// on in the background, and no other is started meanwhile; its result, which may hold deltas, is
// not lost but goes out with the next export.
func (a *application) collect(ctx context.Context) error {
	if a.running != nil && !a.running.hasEnded() {
		return errHung
	}
	a.takeOver()
	a.running, a.spare = a.spare, nil
	if a.running == nil {
		a.running = &collection{}
	}
	reading, cancel := early(ctx) // so that a callback that honours its context is in time
	defer cancel()
	a.running.start(reading, a.reader, a.producers)
	if !a.running.wait(ctx) {
		return errHung
	}
	err := a.running.err
	a.takeOver()
	return err
}

// takeOver moves the running collection, which has ended, to the finished ones.
func (a *application) takeOver() {
	if a.running == nil {
		return
	}
	if r := a.running.sdk.Resource; r != nil {
		a.resource = r
	}
	a.finished = append(a.finished, a.running)
	a.running = nil
}

// handOver appends what has been collected since the last call. It stays valid until the next
// collection.
func (a *application) handOver(to []metricdata.ScopeMetrics) []metricdata.ScopeMetrics {
	for i, c := range a.finished {
		to = append(append(to, c.sdk.ScopeMetrics...), c.other...)
		a.spare = c
		a.finished[i] = nil
	}
	a.finished = a.finished[:0]
	return to
}

// start reads in a new goroutine.
func (c *collection) start(ctx context.Context, reader *sdkmetric.ManualReader, producers []sdkmetric.Producer) {
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		c.err = errVanished // unless read returns
		c.err = c.read(ctx, reader, producers)
	}()
}

func (c *collection) hasEnded() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// wait waits until ctx ends and reports whether the collection has ended.
func (c *collection) wait(ctx context.Context) bool {
	select {
	case <-c.done:
		return true
	case <-ctx.Done():
		return c.hasEnded()
	}
}

// read fills c. An SDK that fails half-way has filled in the rest, which is kept. One that does not
// return, or is not called at all, leaves c as it was, so c must not still hold the previous
// reading.
func (c *collection) read(ctx context.Context, reader *sdkmetric.ManualReader, producers []sdkmetric.Producer) error {
	c.sdk.ScopeMetrics, c.other = c.sdk.ScopeMetrics[:0], c.other[:0]
	err := noPanic(func() error { return reader.Collect(ctx, &c.sdk) })
	if errors.Is(err, sdkmetric.ErrReaderNotRegistered) {
		err = nil // no MeterProvider has the reader
	}
	for _, p := range producers {
		err = errors.Join(err, noPanic(func() error {
			scopes, err := p.Produce(ctx)
			c.other = append(c.other, scopes...)
			return err
		}))
	}
	return err
}

// noPanic turns a panic in f into an error.
func noPanic(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panicked: %v", r)
		}
	}()
	return f()
}
