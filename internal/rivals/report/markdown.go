package report

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// The lines of a document between which the report stands.
const (
	begin = "<!-- rivals:begin -->"
	end   = "<!-- rivals:end -->"
)

// Update replaces what stands between the two lines of the document in a file. It is an error if they
// are not there.
func (r *Report) Update(name string) error {
	document, err := os.ReadFile(name) //nolint:gosec // the file that the user has named
	if err != nil {
		return fmt.Errorf("update document: %w", err)
	}
	before, rest, found := bytes.Cut(document, []byte(begin+"\n"))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return fmt.Errorf("update document %s: want the lines %s and %s in it", name, begin, end)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(begin + "\n")
	r.markdown(&b)
	b.WriteString(end)
	b.Write(after)
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("update document: %w", err)
	}
	return os.WriteFile(name, b.Bytes(), info.Mode())
}

// headings are those of the groups of cases.
var headings = map[string]string{
	"event":    "One event",
	"http":     "One HTTP request",
	"scrape":   "One scrape",
	"collect":  "One collection for push",
	"otlp":     "One collection with OTLP",
	"graphite": "One collection with Graphite",
	"memory":   "Memory of one combination of labels",
	"startup":  "Declaration of all combinations",
}

func (r *Report) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s. Each figure is the median of %d rounds, or half as many where one takes seconds.\n\n", r.Machine, r.Options.Rounds)
	for _, version := range r.Machine.versions() {
		fmt.Fprintf(b, "- %s\n", version)
	}
	for _, line := range r.crowded() {
		fmt.Fprintf(b, "- %s\n", line)
	}
	r.targetTable(b)
	group, title := "", ""
	for _, row := range r.table() {
		if row.group != group {
			group = row.group
			fmt.Fprintf(b, "\n### %s\n\n| work | who | cost | × ours | allocations |\n|---|---|--:|--:|--:|\n", headings[group])
		}
		work := row.work
		if work == title {
			work = ""
		}
		title = row.work
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", work, bold(row.who), row.cost, row.ratio, row.allocs)
	}
	b.WriteString("\n")
}

// targetTable lists the targets.
func (r *Report) targetTable(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### Targets\n\n%d of %d are met.\n\n", len(r.Verdicts)-len(r.Missed()), len(r.Verdicts))
	b.WriteString("| work | who | compared with | at most | is | met |\n|---|---|---|--:|--:|---|\n")
	for _, v := range r.Verdicts {
		to := v.To.Rival
		switch {
		case v.Allocations:
			to = "allocations"
		case v.Of.Case != v.To.Case:
			to = r.title(v.To.Case) + ", per operation"
			if r.rows[v.To].Series > 0 {
				to = r.title(v.To.Case) + ", per series"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
			r.title(v.Of.Case), v.Of.Rival, to, number(v.Limit), number(v.Is), yesNo(v.Met))
	}
}

// bold marks ours.
func bold(rival string) string {
	if strings.HasPrefix(rival, work.Ours) {
		return "**" + rival + "**"
	}
	return rival
}
