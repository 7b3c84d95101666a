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

	turn   chan struct{} // holds a token during Deliver and Close; guards link and sender
	life   context.Context
	end    context.CancelCauseFunc // ends running operations
	closed atomic.Bool

	flushed bool // by Close; guarded by turn, like result
	result  error
}

// A sender implements a mode.
type sender interface {
	// send makes one attempt with one server.
	send(ctx context.Context, p *parcel) error
	// flush makes one attempt to get everything it holds acknowledged.
	flush(ctx context.Context) error
	// drop discards everything it holds and returns how many lines that was.
	drop() int64
}

// A Result is the outcome of a batch.
type Result struct {
	// Written is true if any byte of the batch may have reached a receiver. If the batch was not
	// acknowledged, the same batch must then be delivered again, byte for byte.
	Written bool
	// Acknowledged is true if the mode's acknowledgement has arrived, or, in Stream mode, if the
	// client has taken over the batch.
	Acknowledged bool
	// Resent is how many lines of the batch were repeats; a line sent three times counts as two.
	// Earlier batches that Stream sends again are only in [Stats].
	Resent int
}

// New makes a client. It opens no connection. If the configuration is invalid, the error joins all
// problems, each an [*otelsli.FieldError].
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

// Deliver delivers one batch of whole lines; lines is their number. It retries, with the next
// server and after a growing pause, until the batch is acknowledged or ctx leaves no time for
// another attempt. In Sync mode it tries each server once, and they share [SyncLimit] evenly. The
// batch is neither kept, not even by Stream, nor changed.
//
// If ctx ended the delivery, the error wraps its cause and says what failed last. After Close it is
// [ErrClosed].
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

// begin waits for the turn. The returned context also ends when Close stops waiting.
func (c *Client) begin(ctx context.Context) (context.Context, func(), error) {
	select {
	case c.turn <- struct{}{}: // even if ctx has ended: what follows reports that
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

// Close lets a running Deliver finish, gets what Stream holds acknowledged and closes the
// connection, all within ctx, or within Config.ReadTimeout if ctx has no deadline. Anything
// unfinished by then is aborted. The error says how many lines were given up. Later calls return
// the same error.
func (c *Client) Close(ctx context.Context) error {
	c.closed.Store(true)
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.config.ReadTimeout)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, func() { c.end(ErrClosed) })
	defer stop()
	c.turn <- struct{}{} // a running Deliver ends when ctx does, at the latest
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
