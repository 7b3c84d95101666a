// The graphite example sends the metrics of a small shop in every format that the Graphite bridge
// supports, to its own TCP receiver, and shows the lines as they arrive. It needs no server and
// ends by itself:
//
//	go run ./examples/graphite
//
// With an address, it sends to a real receiver instead, such as carbon-cache, go-carbon,
// VictoriaMetrics, InfluxDB or OpenTSDB:
//
//	go run ./examples/graphite -server tcp://localhost:2003 -format graphite-tagged
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

type flags struct {
	server string
	format string
	wait   time.Duration
}

func parseFlags() (flags, error) {
	var f flags
	flag.StringVar(&f.server, "server", "", "address of a receiver, tcp://host:port or tls://host:port (default: one in this process)")
	flag.StringVar(&f.format, "format", "", "one of "+strings.Join(formatNames(), ", ")+" (default: all of them, or graphite with -server)")
	flag.DurationVar(&f.wait, "timeout", 10*time.Second, "how long the receiver may take to acknowledge")
	flag.Parse()
	switch {
	case f.format != "" && !slices.Contains(formatNames(), f.format):
		return f, fmt.Errorf("-format is %q: want one of %s", f.format, strings.Join(formatNames(), ", "))
	case f.wait <= 0:
		return f, fmt.Errorf("-timeout is %v: want a positive duration such as 10s", f.wait)
	case flag.NArg() > 0:
		return f, fmt.Errorf("unexpected argument %q: flags begin with -", flag.Arg(0))
	case f.server != "" && f.format == "":
		f.format = "graphite"
	}
	return f, nil
}

func main() {
	f, err := parseFlags()
	if err == nil {
		err = run(f, newScreen(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "graphite:", err)
		os.Exit(1)
	}
}

func run(f flags, s *screen) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	shop, err := openShop()
	if err != nil {
		return err
	}
	shop.trade(ctx)
	if f.server != "" {
		took, err := shop.send(ctx, f.format, f.server)
		if err != nil {
			return err
		}
		s.sent(f.format, f.server, took)
		return nil
	}
	for _, format := range formatNames() {
		if f.format != "" && f.format != format {
			continue
		}
		if err := show(ctx, shop, format, s); err != nil {
			return err
		}
	}
	s.end()
	return nil
}

// show sends to a receiver in this process and prints what that had read when the exporter
// considered the lines acknowledged.
func show(ctx context.Context, shop *shop, format string, s *screen) error {
	r, err := listen(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	took, err := shop.send(ctx, format, r.address())
	if err != nil {
		return err
	}
	s.lines(format, r.text(), took)
	return nil
}
