package delivery

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestNewReportsEverything(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Servers:      []Server{{Address: "graphite"}, {Address: "graphite:2003"}, {Address: "::1:2003"}},
		Mode:         9,
		DialTimeout:  -1,
		WriteTimeout: -1,
		ReadTimeout:  -1,
		MinBackoff:   time.Minute,
		MaxBackoff:   time.Second,
		Window:       -1,
	})
	if _, ok := errors.AsType[*otelsli.FieldError](err); !ok {
		t.Fatalf("New: %v, want field errors", err)
	}
	for _, want := range []string{
		`Servers[0].Address is "graphite"`, `Servers[2].Address is "::1:2003"`, "Mode is Mode(9)",
		"DialTimeout", "WriteTimeout", "ReadTimeout", "MaxBackoff is 1s: want at least MinBackoff, which is 1m0s", "Window is -1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "Servers[1]") {
		t.Errorf("the error names a server that is right:\n%v", err)
	}
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "at least one server") {
		t.Errorf("without a server: %v", err)
	}
	if _, err := New(Config{Servers: []Server{{Address: "h:1"}}, MinBackoff: time.Hour}); err != nil {
		t.Errorf("the default of MaxBackoff is in the way: %v", err)
	}
}

func TestDeliverBatches(t *testing.T) {
	t.Parallel()
	c := newClient(t, quick(nobody))
	if r, err := c.Deliver(t.Context(), nil, 0); err != nil || r != (Result{Acknowledged: true}) {
		t.Errorf("an empty batch: %+v, %v", r, err)
	}
	if r, err := c.Deliver(t.Context(), []byte("a 1 1\nb 2"), 2); err == nil || r != (Result{}) {
		t.Errorf("a torn batch: %+v, %v, want an error", r, err)
	}
}

// The end of the context is the end of whatever is going on.
func TestCancel(t *testing.T) {
	t.Parallel()
	dead := newReceiver(t, blackHole)
	hangs := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	big := batch("x", 500_000)
	for name, tt := range map[string]struct {
		batch   []byte
		address string
		mode    Mode
		dialer  func(context.Context, string, string) (net.Conn, error)
		config  func(*Config)
		written bool
	}{
		"dial":                    {batch: big[:34], address: dead.address, dialer: hangs},
		"write":                   {batch: big, address: dead.address, written: true},
		"stream write":            {batch: big, address: dead.address, mode: Stream, written: true},
		"wait for acknowledgment": {batch: batch("y", 1), address: dead.address, written: true},
		"pause":                   {batch: batch("y", 1), address: nobody, config: func(c *Config) { c.MinBackoff, c.MaxBackoff = time.Hour, time.Hour }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := Config{
				Servers: []Server{{Address: tt.address}}, Mode: tt.mode, Dialer: tt.dialer,
				DialTimeout: time.Minute, WriteTimeout: time.Minute, ReadTimeout: time.Minute,
			}
			if tt.config != nil {
				tt.config(&config)
			}
			c := newClient(t, config)
			cause := errors.New("enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			timer := time.AfterFunc(time.Second, func() { cancel(cause) })
			defer timer.Stop()
			lines := int(countLines(tt.batch))
			if tt.batch[len(tt.batch)-1] != '\n' {
				tt.batch, lines = batch("z", 1), 1
			}
			start := time.Now()
			result, err := c.Deliver(ctx, tt.batch, lines)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v, it had a second", took)
			}
			if !errors.Is(err, cause) {
				t.Errorf("error %v, want the cause in it", err)
			}
			if result.Written != tt.written || result.Acknowledged {
				t.Errorf("%+v, want written: %v", result, tt.written)
			}
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Ack, Stream, Sync} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, proper)
			config := quick(r.address)
			config.Mode = mode
			c := newClient(t, config)
			deliver(t, c, batch("x", 1))
			for range 2 {
				if err := c.Close(t.Context()); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			if _, err := c.Deliver(t.Context(), batch("y", 1), 1); !errors.Is(err, ErrClosed) {
				t.Errorf("Deliver after Close: %v, want ErrClosed", err)
			}
		})
	}
}

// Close waits for a batch that is being delivered, but not longer than it may.
func TestCloseWhileDelivering(t *testing.T) {
	t.Parallel()
	late := func(r *receiver, c *net.TCPConn) {
		time.Sleep(200 * time.Millisecond)
		proper(r, c)
	}
	for name, tt := range map[string]struct {
		handler handler
		limit   time.Duration
		want    error
	}{
		"waits":    {late, long, nil},
		"gives up": {blackHole, 200 * time.Millisecond, ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, tt.handler)
			c := newClient(t, quick(r.address))
			delivered := make(chan error, 1)
			go func() {
				_, err := c.Deliver(t.Context(), batch("x", 1), 1)
				delivered <- err
			}()
			eventually(t, "a connection", func() bool { return r.connections() == 1 })
			start := time.Now()
			if err := c.Close(within(t, tt.limit)); err != nil {
				t.Errorf("Close: %v", err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("Close took %v", took)
			}
			if err := <-delivered; !errors.Is(err, tt.want) {
				t.Errorf("Deliver: %v, want %v", err, tt.want)
			}
		})
	}
}

func TestConcurrentDeliver(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Ack, Stream} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, reset(500), proper)
			config := quick(r.address)
			config.Mode = mode
			c := newClient(t, config)
			var running sync.WaitGroup
			var batches [][]byte
			for i := range 8 {
				b := batch(string(rune('a'+i)), 50)
				batches = append(batches, b)
				running.Go(func() {
					if _, err := c.Deliver(within(t, long), b, 50); err != nil {
						t.Error(err)
					}
					c.Stats()
				})
			}
			running.Wait()
			closeClient(t, c)
			wantTorn(t, bytes.Join(batches, nil), r)
		})
	}
}

// Failed attempts and replies are logged, the latter once in a while.
func TestLogs(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, reset(10), func(r *receiver, c *net.TCPConn) {
		_, _ = c.Write([]byte("put: unknown metric\nput: again\n"))
		proper(r, c)
	})
	var text bytes.Buffer
	config := quick(r.address)
	config.Logger = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := newClient(t, config)
	for range 3 {
		deliver(t, c, batch("x", 2))
	}
	closeClient(t, c)
	if n := strings.Count(text.String(), "level=WARN"); n != 1 || !strings.Contains(text.String(), "put: unknown metric") {
		t.Errorf("%d warnings, want one that shows the reply:\n%s", n, text.String())
	}
	if !strings.Contains(text.String(), "level=DEBUG msg=\"delivery failed\" failure=") {
		t.Errorf("the reset was not logged:\n%s", text.String())
	}
}
