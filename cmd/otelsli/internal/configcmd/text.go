package configcmd

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// textReport writes a report for people.
type textReport struct {
	w     io.Writer
	style term.Style
	*setup.Report
}

func writeText(w io.Writer, style term.Style, r *setup.Report) {
	t := textReport{w, style, r}
	t.pipelines()
	t.settings()
	t.resource()
	t.list("Warnings", r.Warnings, style.Warn("!"))
	t.problems()
	fmt.Fprintln(w, t.summary())
}

func (t textReport) heading(text string) { fmt.Fprintln(t.w, t.style.Bold(text)) }

func (t textReport) table(heading string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t.heading(heading)
	table := term.Table{Indent: "  "}
	for _, row := range rows {
		table.Row(row...)
	}
	_, _ = table.WriteTo(t.w) // like all writes to the terminal
	fmt.Fprintln(t.w)
}

func (t textReport) pipelines() {
	var rows [][]string
	for _, p := range t.Pipelines {
		row := []string{p.Name, term.Plain(p.Target)}
		if p.Connection != nil {
			row = append(row, t.connection(p.Connection))
		}
		rows = append(rows, row)
	}
	t.table("Pipelines", rows)
	for _, p := range t.Pipelines {
		if c := p.Connection; c != nil && !c.OK && !c.Skipped {
			t.failure(p.Name, c)
		}
	}
}

func (t textReport) connection(c *setup.Connection) string {
	text := term.Plain(c.Result)
	if c.Skipped {
		return t.style.Dim(text)
	}
	took := t.style.Dim(fmt.Sprintf("  %.2f s", c.Seconds))
	if c.OK {
		return t.style.Good("ok: "+text) + took
	}
	return t.style.Bad("failed: "+text) + took
}

func (t textReport) failure(name string, c *setup.Connection) {
	fmt.Fprintf(t.w, "  %s\n", t.style.Bad(name+": "+term.Plain(c.Result)))
	if c.Advice != "" {
		fmt.Fprintf(t.w, "    %s\n", c.Advice)
	}
	fmt.Fprintf(t.w, "    %s\n\n", t.style.Dim(term.Plain(c.Detail)))
}

// settings writes the values that were set, and then the defaults.
func (t textReport) settings() {
	var chosen, unset [][]string
	for _, s := range t.Settings {
		switch value := term.Plain(s.Value); {
		case s.Source.Kind != setup.FromDefault:
			chosen = append(chosen, []string{s.Name, value, sourceOf(s)})
		case value != "":
			unset = append(unset, []string{t.style.Dim(s.Name), t.style.Dim(value)})
		}
	}
	t.table("Settings", chosen)
	t.table("Defaults", unset)
}

func sourceOf(s setup.Setting) string {
	text := string(s.Source.Kind)
	switch s.Source.Kind {
	case setup.FromVariable:
		text = "variable"
		if s.Source.Name != s.Name {
			text += " " + s.Source.Name
		}
	case setup.FromFile:
		text = "file " + term.Plain(s.Source.Path) + " of " + s.Source.Name
	case setup.FromOption:
		text = s.Source.Name
	case setup.FromDefault:
	}
	if len(s.Beaten) > 0 {
		text += ", overrides " + strings.Join(s.Beaten, ", ")
	}
	return text
}

func (t textReport) resource() {
	var rows [][]string
	for _, key := range slices.Sorted(maps.Keys(t.Resource)) {
		rows = append(rows, []string{key, term.Plain(t.Resource[key])})
	}
	t.table("Resource", rows)
}

func (t textReport) list(heading string, texts []string, mark string) {
	var rows [][]string
	for _, text := range texts {
		rows = append(rows, []string{mark, term.Plain(text)})
	}
	t.table(heading, rows)
}

func (t textReport) problems() {
	var texts []string
	for _, p := range t.Problems {
		if p.Want == "" {
			texts = append(texts, p.Text)
			continue
		}
		texts = append(texts, fmt.Sprintf("%s is %s: want %s", p.Field, p.Value, p.Want))
	}
	t.list("Problems", texts, t.style.Bad("x"))
}

func (t textReport) summary() string {
	failed, tried := 0, 0
	for _, p := range t.Pipelines {
		if c := p.Connection; c != nil && !c.Skipped {
			tried++
			if !c.OK {
				failed++
			}
		}
	}
	switch {
	case t.Disabled:
		return t.style.Warn("disabled: nothing is exported")
	case len(t.Problems) > 0:
		return t.style.Bad(count(len(t.Problems), "problem"))
	case failed > 0:
		return t.style.Bad(fmt.Sprintf("%d of %s failed", failed, count(tried, "connection")))
	case len(t.Pipelines) == 0:
		return t.style.Warn("no pipelines: nothing is exported")
	}
	return t.style.Good("ok: " + count(len(t.Pipelines), "pipeline"))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
