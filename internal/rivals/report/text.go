package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the table for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORK\tWHO\tCOST\t× OURS\tALLOCS\tTARGET\tIS, MET")
	last := ""
	for _, row := range r.table() {
		if row.work != last && last != "" {
			fmt.Fprintln(t, "\t\t\t\t\t\t")
		}
		work := row.work
		if row.work == last {
			work = ""
		}
		last = row.work
		fmt.Fprintln(t, strings.Join([]string{work, row.who, row.cost, row.ratio, row.allocs, row.target, row.met}, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n%s\n", r.summary(), r.Machine)
	return err
}

// A row is a line of the table, as text.
type row struct{ group, work, who, cost, ratio, allocs, target, met string }

func (r *Report) table() []row {
	var all []row
	for _, result := range r.Results {
		group, _, _ := strings.Cut(result.Case, "/")
		target, met := r.targets(Key{result.Case, result.Rival})
		all = append(all, row{group, r.title(result.Case), result.Rival, cost(result), r.ratio(result), allocations(result), target, met})
	}
	return all
}

// summary says how many targets are met, and which are not.
func (r *Report) summary() string {
	missed := r.Missed()
	lines := []string{fmt.Sprintf("%d of %d targets are met.", len(r.Verdicts)-len(missed), len(r.Verdicts))}
	for _, v := range missed {
		lines = append(lines, fmt.Sprintf("Missed: %s, %s: %s, is %s", r.title(v.Of.Case), v.Row().Rival, v.Target, number(v.Is)))
	}
	return strings.Join(append(lines, r.crowded()...), "\n")
}
