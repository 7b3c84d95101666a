package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A Client delivers batches of lines. Make one with [New].
type Client struct {
	config Config
	link   link
	sender sender

	turn   chan struct{} // holds a token while somebody delivers or closes; guards link and sender
	life   context.Context
	end    context.CancelCauseFunc // ends what is running
	closed atomic.Bool

	flushed bool // by Close; guarded by turn, as is the next
	result  error
}

// A sender is what the modes differ in.
type sender interface {
	// send makes one attempt with one server.
	send(ctx context.Context, p *parcel) error
	// flush makes one attempt to get everything acknowledged that it holds.
	flush(ctx context.Context) error
	// drop gives up what it holds and returns how many lines that is.
	drop() int64
}

// A Result says what became of a batch.
type Result struct {
	// Written is true if any byte of the batch may have reached a receiver. Then the same batch
	// has to be delivered again if it is not acknowledged, byte by byte.
	Written bool
	// Acknowledged is true if the mode's acknowledgement has come, and in Stream mode if the
	// client has taken the batch over.
	Acknowledged bool
	// Resent is how many lines of the batch were repeats, a line that was sent three times making
	// two. What Stream repeats of earlier batches is in [Stats] alone.
	Resent int
}

// New makes a client. It opens no connection. All that is wrong is reported, joined, as
// [*otelsli.FieldError].
func New(config Config) (*Client, error) {
	config.setDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	c := &Client{config: config, turn: make(chan struct{}, 1)}
	c.link = newLink(&c.config)
	c.sender = newSender(config.Mode, c.link)
	c.life, c.end = context.WithCancelCause(context.Background())
	return c, nil
}

func newSender(mode Mode, l link) sender {
	switch mode {
	case Stream:
		return &streamSender{link: l}
	case Sync:
		return syncSender{l}
	default:
		return ackSender{l}
	}
}

// Deliver delivers one batch of whole lines, lines of them. It tries again, with the next server
// and after a pause that grows, until the batch is acknowledged or ctx leaves no time for another
// attempt; in Sync mode it tries each server once, and they share [SyncLimit] evenly. The batch is
// not kept, not even by Stream, and not changed.
//
// The error wraps the cause of ctx where that ended it, and says what failed last. After Close it
// is [ErrClosed].
func (c *Client) Deliver(ctx context.Context, batch []byte, lines int) (Result, error) {
	if len(batch) == 0 {
		return Result{Acknowledged: true}, nil
	}
	if batch[len(batch)-1] != '\n' {
		return Result{}, errors.New("delivery: the batch ends in the middle of a line: want a line feed at its end")
	}
	ctx, release, err := c.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	p := &parcel{data: batch, lines: lines, begun: time.Now()}
	if err := c.deliver(ctx, p); err != nil {
		return p.result, fmt.Errorf("delivery: %d lines are not acknowledged: %w", lines, err)
	}
	p.result.Acknowledged = true
	return p.result, nil
}

func (c *Client) deliver(ctx context.Context, p *parcel) error {
	rounds := 0
	if c.config.Mode == Sync {
		rounds = 1
	}
	return c.try(ctx, rounds, func(ctx context.Context) error { return c.sender.send(ctx, p) })
}

// begin waits for the turn. The context that it returns also ends when Close gives up waiting.
func (c *Client) begin(ctx context.Context) (context.Context, func(), error) {
	select {
	case c.turn <- struct{}{}: // also where ctx has ended, which is told by what it prevents
	default:
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("delivery: wait for an earlier batch: %w", context.Cause(ctx))
		}
	}
	if c.closed.Load() {
		<-c.turn
		return nil, nil, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.life, func() { cancel(ErrClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
		<-c.turn
	}, nil
}

// Close lets a running Deliver end, gets what Stream holds acknowledged and closes the connection,
// all within ctx; where ctx has no deadline, within Config.ReadTimeout. What is not done by then is
// broken off. The error says how many lines were given up. Later calls return the same.
func (c *Client) Close(ctx context.Context) error {
	c.closed.Store(true)
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.config.ReadTimeout)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, func() { c.end(ErrClosed) })
	defer stop()
	c.turn <- struct{}{} // a running Deliver ends with ctx at the latest
	defer func() { <-c.turn }()
	if !c.flushed {
		c.flushed = true
		c.flush(ctx)
	}
	c.end(ErrClosed)
	return c.result
}

func (c *Client) flush(ctx context.Context) {
	err := c.try(ctx, 0, c.sender.flush)
	if lost := c.sender.drop(); lost > 0 {
		c.result = fmt.Errorf("delivery: close: %d lines are not acknowledged: %w", lost, err)
	}
}

// Stats returns the totals so far.
func (c *Client) Stats() Stats { return c.link.count.read() }
