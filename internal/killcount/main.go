package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"text/tabwriter"
	"time"
)

func main() {
	if value := os.Getenv(tapVariable); value != "" {
		exit(runTap(value))
	}
	short := flag.Bool("short", false, "run for about 30 seconds")
	only := flag.String("run", "", "only scenarios whose receiver and event match this regular expression")
	o := outage{interval: time.Second, healthy: 20 * time.Second}
	flag.DurationVar(&o.down, "outage", 0, "instead, keep the receiver of a service down for so long, such as 10m")
	flag.IntVar(&o.series, "series", 10_000, "with -outage: SLI series of the service")
	flag.BoolVar(&o.increments, "increments", false, "with -outage: send increments")
	flag.Parse()
	if o.down > 0 {
		exit(runOutage(context.Background(), os.Stdout, o))
	}
	exit(run(os.Stdout, *short, *only))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "killcount:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(w io.Writer, short bool, only string) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	d := 6 * time.Second
	if short {
		d = 1200 * time.Millisecond
	}
	root, err := os.MkdirTemp("", "killcount")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	var outcomes []outcome
	for i, sc := range scenarios {
		if !pattern.MatchString(sc.receiver + ": " + sc.event) {
			continue
		}
		dir := filepath.Join(root, fmt.Sprint(i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", sc.receiver, sc.event)
		outcomes = append(outcomes, sc.run(dir, d))
	}
	printTable(w, outcomes)
	return verdict(outcomes)
}

// printTable prints one line for each scenario and way.
func printTable(w io.Writer, outcomes []outcome) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RECEIVER\tEVENT\tTIMES\tWAY\tSENT\tLOST\tDUPLICATED\tWRONG")
	for _, o := range outcomes {
		if o.err != nil {
			fmt.Fprintf(t, "%s\t%s\tleft out: %.200s\n", o.scenario.receiver, o.scenario.event, o.err)
			continue
		}
		receiver, event, times := o.scenario.receiver, o.scenario.event, fmt.Sprint(o.events)
		for i, r := range o.results {
			duplicated, lost := fmt.Sprint(r.duplicated), fmt.Sprint(r.lost)
			if o.scenario.mayLose {
				lost += "*"
			}
			if o.scenario.blind {
				duplicated = "-"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%d\n", receiver, event, times, ways[i], r.sent, lost, duplicated, r.wrong)
			receiver, event, times = "", "", ""
		}
	}
	_ = t.Flush()
	fmt.Fprintln(w, "\n* lines that the server had read but not stored are among them, for every way alike")
}

// verdict fails if acknowledged delivery has lost a line that a receiver had not read.
func verdict(outcomes []outcome) error {
	for _, o := range outcomes {
		if o.err == nil && !o.scenario.mayLose && o.results[0].lost > 0 {
			return fmt.Errorf("%s, %s: mode ack lost %d lines", o.scenario.receiver, o.scenario.event, o.results[0].lost)
		}
	}
	return nil
}
