package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A Publisher sends single events to an error-budget agent, for code that has no SLI of package
// otelsli. A nil *Publisher, a disabled one and one without a UUID do nothing. All methods are safe
// for concurrent use.
type Publisher struct {
	config PublisherConfig
	sender sender
	health outage
	tally  *tally // nil if synchronous

	down    atomic.Bool
	refused atomic.Int64
	pause   atomic.Int64 // Unix time in nanoseconds until which a synchronous publisher does not send

	life   context.Context
	cancel context.CancelCauseFunc
	stop   chan struct{}
	ended  chan struct{} // closed when the goroutine has ended
	turn   chan struct{} // guards outbox
	outbox *outbox
}

// NewPublisher makes a publisher, and starts its goroutine unless it is synchronous. Close ends it.
// The configuration is validated only if there is something to publish.
func NewPublisher(c PublisherConfig) (*Publisher, error) {
	if c.idle() {
		return &Publisher{}, nil
	}
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	client, err := newClient([]string{c.Server}, defaultAgentPort, c.TLS, c.mode(), c.Delivery, c.Logger)
	if err != nil {
		return nil, fmt.Errorf("graphitebridge: PublisherConfig: %w", err)
	}
	return newPublisher(c, client), nil
}

func newPublisher(c PublisherConfig, s sender) *Publisher {
	p := &Publisher{
		config: c,
		sender: s,
		health: outage{logger: c.Logger, what: "delivery to " + c.Server, every: c.LogInterval},
		stop:   make(chan struct{}),
		ended:  make(chan struct{}),
		turn:   make(chan struct{}, 1),
	}
	p.life, p.cancel = context.WithCancelCause(context.Background())
	if c.Synchronous {
		close(p.ended)
		return p
	}
	p.tally = newTally(c.MaxSeries)
	p.outbox = newOutbox(s, DefaultBatchBytes, p.tally)
	go p.loop()
	return p
}

// Enabled reports whether events are sent. It is false without a UUID, if disabled, and after
// Close.
func (p *Publisher) Enabled() bool { return p != nil && p.sender != nil && !p.down.Load() }

// Refused returns how many events were refused: because the publisher was full, could not send at
// once, or has tags that the agent would not accept. It does not count events given to a publisher
// that is not enabled.
func (p *Publisher) Refused() int64 {
	if p == nil {
		return 0
	}
	return p.refused.Load()
}

// Send counts an event of a method, with the response type [ResponseSuccess], [ResponseFailure] or
// [ResponseIgnoredFailure]. The tags follow, sorted by key; a tag with the name of one that the
// publisher sets itself gets the prefix "exported_".
//
// Send reports whether the event was accepted, which in synchronous mode means sent. Otherwise it
// never blocks. Tags should have few values: each combination is a series.
func (p *Publisher) Send(responseType, method string, tags map[string]string) bool {
	if !p.Enabled() {
		return false
	}
	if !slices.Contains(responseTypes[:], responseType) {
		return p.refuse()
	}
	key := keyOf(responseType, method, "", tags)
	return p.count(key, func() (line.Name, bool) {
		name, _, ok := budgetName(p.config.UUID, p.config.Service, responseType, method, p.config.Instance, sorted(tags), p.config.MaxTags)
		return name, ok
	})
}

// SendError counts an operational error as put <prefix>.<category>.<kind>.error, such as
// shop.database.timeout.error. In other respects it is like Send.
func (p *Publisher) SendError(category, kind string, tags map[string]string) bool {
	if !p.Enabled() {
		return false
	}
	key := keyOf("", category, kind, tags)
	return p.count(key, func() (line.Name, bool) {
		metric := strings.Join([]string{p.config.ErrorPrefix, node(category), node(kind), "error"}, ".")
		own := []line.Tag{{Key: tagService, Value: p.config.Service}, {Key: tagInstance, Value: p.config.Instance}}
		name, _, ok := line.PutName(metric, own, sorted(tags), p.config.MaxTags)
		return name, ok
	})
}

func (p *Publisher) refuse() bool {
	p.refused.Add(1)
	return false
}

func (p *Publisher) count(key string, name func() (line.Name, bool)) bool {
	if p.tally == nil {
		return p.sendNow(name)
	}
	if !p.tally.add(key, name) {
		return p.refuse()
	}
	return true
}

// sendNow sends one event. After a failure it refuses further events for a second.
func (p *Publisher) sendNow(name func() (line.Name, bool)) bool {
	n, ok := name()
	if !ok || time.Now().UnixNano() < p.pause.Load() {
		return p.refuse()
	}
	ctx, cancel := context.WithTimeout(p.life, SendLimit)
	defer cancel()
	text := n.AppendLine(nil, time.Now().Unix(), line.Int(1))
	result, err := p.sender.Deliver(ctx, text, 1)
	if !result.Acknowledged {
		p.pause.Store(time.Now().Add(SendLimit).UnixNano())
		if p.life.Err() == nil { // Close has not aborted it
			p.health.failed(err)
		}
		return p.refuse()
	}
	p.health.succeeded()
	return true
}

// loop sends what was counted, at each interval.
func (p *Publisher) loop() {
	defer close(p.ended)
	ticker := time.NewTicker(p.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(p.life, DefaultTimeout)
			_ = p.flush(ctx, false) // the error has been logged, and the counts are kept
			cancel()
		}
	}
}

func (p *Publisher) flush(ctx context.Context, final bool) error {
	if err := take(ctx, p.turn); err != nil {
		return fmt.Errorf("graphitebridge: publisher: wait for an earlier flush to %s: %w", p.config.Server, err)
	}
	defer func() { <-p.turn }()
	err := p.outbox.flush(ctx, final)
	switch {
	case err == nil:
		p.health.succeeded()
		return nil
	case !errors.Is(context.Cause(ctx), ErrShutdown):
		p.health.failed(err)
	}
	return fmt.Errorf("graphitebridge: publisher: %w; check that an error-budget agent listens on %s", err, p.config.Server)
}

// Flush sends what was counted, within ctx, or [DefaultTimeout] if ctx has no deadline.
func (p *Publisher) Flush(ctx context.Context) error {
	if !p.Enabled() || p.tally == nil {
		return nil
	}
	ctx, cancel := publisherContext(ctx)
	defer cancel()
	return p.flush(ctx, false)
}

func publisherContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, DefaultTimeout)
}

// Close ends the publisher: it accepts no more events and sends those it has, within ctx, or
// [DefaultTimeout] if ctx has no deadline. Further calls do nothing.
func (p *Publisher) Close(ctx context.Context) error {
	if p == nil || p.sender == nil || p.down.Swap(true) {
		return nil
	}
	ctx, cancel := publisherContext(ctx)
	defer cancel()
	close(p.stop)
	p.cancel(ErrShutdown)
	<-p.ended // its flush, if any, has been cancelled
	var err error
	if p.tally != nil {
		p.tally.close()
		err = p.flush(ctx, true)
	}
	return errors.Join(err, p.sender.Close(ctx))
}
