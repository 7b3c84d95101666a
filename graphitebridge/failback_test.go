package graphitebridge

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink starts a receiver on loopback that reads everything and keeps nothing.
func sink(t testing.TB) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	return l.Addr().String()
}

// TestFailback fails over to the second server, and goes back to the first one when it is time.
func TestFailback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		failback time.Duration
		want     string
	}{
		{"at once", time.Nanosecond, "a:1,a:1,a:1"},
		{"not yet", 0, "a:1,b:1,b:1"},
		{"never", -1, "a:1,b:1,b:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			receiver := sink(t)
			var dialled []string
			config := quiet()
			config.Servers = []string{"tcp://a:1", "tcp://b:1"}
			config.Delivery = Delivery{
				Failback: c.failback,
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					dialled = append(dialled, address)
					if len(dialled) == 1 {
						return nil, errDown
					}
					return new(net.Dialer).DialContext(ctx, network, receiver)
				},
			}
			e, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = e.Shutdown(context.Background()) }()
			for i := range int64(2) {
				if err := e.Export(t.Context(), data(counter(fmt.Sprint("orders", i), 1))); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Join(dialled, ","); got != c.want {
				t.Errorf("dialled %s, want %s", got, c.want)
			}
		})
	}
}
