package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/report"
	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// A command is what its flags say.
type command struct {
	short    bool
	only     string
	form     string
	document string
	options  measure.Options
}

func main() {
	var c command
	flag.BoolVar(&c.short, "short", false, "a quick look: 3 short rounds, at most 10,000 series")
	flag.StringVar(&c.only, "run", "", "only cases whose name matches this regular expression, such as ^scrape/text")
	flag.StringVar(&c.form, "o", "text", "form of the output: text or json")
	flag.StringVar(&c.document, "doc", "", "Markdown file to write the table into as well")
	flag.IntVar(&c.options.Rounds, "rounds", 15, "samples of each rival")
	flag.DurationVar(&c.options.Time, "time", 60*time.Millisecond, "length of a sample")
	flag.Parse()
	if err := c.run(os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// run measures and writes the report to w, and to progress what it is at.
func (c command) run(w, progress io.Writer) error {
	cases, options, err := c.plan()
	if err != nil {
		return err
	}
	r := report.New(cases, measured(cases, options, progress), options)
	if c.document != "" {
		if err := r.Update(c.document); err != nil {
			return err
		}
	}
	if c.form == "json" {
		return r.WriteJSON(w)
	}
	return r.WriteText(w)
}

// patience is how often a case is measured again for which the machine was too busy.
const patience = 3

// measured measures the cases, those for which the machine was too busy once more at the end.
func measured(cases []work.Case, options measure.Options, progress io.Writer) []measure.Result {
	results := make([][]measure.Result, len(cases))
	for try := range 1 + patience {
		for i, c := range cases {
			if try > 0 && !measure.Crowded(c, results[i]) {
				continue
			}
			fmt.Fprintf(progress, "%d/%d %s\n", i+1, len(cases), c.Name)
			results[i] = measure.Case(c, options)
		}
	}
	return slices.Concat(results...)
}

// plan checks the flags and returns what is to be measured, and how.
func (c command) plan() ([]work.Case, measure.Options, error) {
	sizes, options := work.Sizes, c.options
	if c.short {
		sizes, options = sizes[:3], measure.Options{Rounds: 3, Time: 5 * time.Millisecond}
	}
	pattern, err := regexp.Compile(c.only)
	switch {
	case err != nil:
		return nil, options, fmt.Errorf("-run: %w", err)
	case c.form != "text" && c.form != "json":
		return nil, options, fmt.Errorf("-o %s: want text or json", c.form)
	case options.Rounds < 1 || options.Time <= 0:
		return nil, options, fmt.Errorf("-rounds %d, -time %v: want positive ones", options.Rounds, options.Time)
	}
	var cases []work.Case
	for _, one := range work.All(sizes) {
		if pattern.MatchString(one.Name) {
			cases = append(cases, one)
		}
	}
	if len(cases) == 0 {
		return nil, options, fmt.Errorf("-run %s: no case has such a name", c.only)
	}
	return cases, options, nil
}
