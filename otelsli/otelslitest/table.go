package otelslitest

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/otelsli/otelsli-go/otelsli"
)

// maxRows is the maximum number of series in a table.
const maxRows = 20

// snapshot returns what each series of s has counted.
func snapshot[L comparable](s *otelsli.SLI[L]) map[otelsli.Bound]otelsli.Counts {
	counts := make(map[otelsli.Bound]otelsli.Counts)
	if c := s.Catalog(); c != nil {
		for name, b := range c.Series() {
			if name == s.Name() {
				counts[b] = b.Counts()
			}
		}
	}
	return counts
}

func tableOf[L comparable](s *otelsli.SLI[L], before map[otelsli.Bound]otelsli.Counts) string {
	if s == nil {
		return "the SLI is nil and counts nothing"
	}
	return table(s.Catalog(), s.Name(), before)
}

// table shows what the series of an SLI have counted since before; series without events are only
// counted.
func table(c *otelsli.Catalog, sli string, before map[otelsli.Bound]otelsli.Counts) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 8, 2, ' ', tabwriter.AlignRight)
	rows, idle := 0, 0
	for name, b := range c.Series() {
		switch counts := b.Counts().Sub(before[b]); {
		case name != sli:
		case all(counts) == 0:
			idle++
		default:
			if rows == 0 {
				fmt.Fprintln(w, "success\tslow\tfailed\tignored\t  series")
			}
			if rows++; rows <= maxRows {
				fmt.Fprintf(w, "%d\t%d\t%d\t%d\t  %s\n",
					counts[otelsli.Success], counts[otelsli.Slow], counts[otelsli.Failed], counts[otelsli.Ignored], series(b))
			}
		}
	}
	w.Flush()
	if rows > maxRows {
		fmt.Fprintf(&out, "  and %d series more\n", rows-maxRows)
	}
	fmt.Fprintf(&out, "  %d series without an event", idle)
	return out.String()
}

// series formats the labels of a series as Prometheus does.
func series(b otelsli.Bound) string {
	var labels []string
	for name, value := range b.Labels() {
		labels = append(labels, fmt.Sprintf("%s=%q", name, value))
	}
	text := "{" + strings.Join(labels, ",") + "}"
	if !b.Declared() {
		text += " undeclared"
	}
	return text
}

// all returns the number of events of all outcomes.
func all(c otelsli.Counts) (n int64) {
	for _, events := range c {
		n += events
	}
	return n
}

// text lists the counts that are not 0, such as "1 failed".
func text(c otelsli.Counts) string {
	var parts []string
	for o, n := range c {
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, otelsli.Outcome(o)))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
