package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// A Report is one run: where, how, and what came out.
type Report struct {
	Machine  Machine          `json:"machine"`
	Options  measure.Options  `json:"options"`
	Results  []measure.Result `json:"results"`
	Verdicts []Verdict        `json:"targets"`

	cases  []work.Case
	titles map[string]string // by case
	rows   map[Key]measure.Result
}

// New makes the report of the results of some cases, measured here.
func New(cases []work.Case, results []measure.Result, o measure.Options) *Report {
	r := &Report{
		Machine: ThisMachine(),
		Options: o,
		Results: results,
		cases:   cases,
		titles:  make(map[string]string),
		rows:    make(map[Key]measure.Result),
	}
	for _, c := range cases {
		r.titles[c.Name] = c.Title
	}
	for _, result := range results {
		r.rows[Key{result.Case, result.Rival}] = result
	}
	r.Verdicts = judge(Targets(), r.rows)
	return r
}

// crowded says which cases of several goroutines have figures of goroutines that ran one after the
// other, because the machine was busy.
func (r *Report) crowded() []string {
	var lines []string
	for _, c := range r.cases {
		if measure.Crowded(c, r.of(c)) {
			lines = append(lines, "The machine was too busy for "+c.Title+".")
		}
	}
	return lines
}

// of returns the results of a case.
func (r *Report) of(c work.Case) []measure.Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(result measure.Result) bool { return result.Case != c.Name })
}

// Missed returns the targets that were not met.
func (r *Report) Missed() []Verdict {
	var missed []Verdict
	for _, v := range r.Verdicts {
		if !v.Met {
			missed = append(missed, v)
		}
	}
	return missed
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// ratio is what the row costs in terms of ours in the same case.
func (r *Report) ratio(result measure.Result) string {
	ours, ok := r.rows[Key{result.Case, work.Ours}]
	if !ok || result.Rival == work.Ours {
		return ""
	}
	return number(result.Ratio(ours))
}

// targets describes the targets that are shown at a row, and whether they are met.
func (r *Report) targets(row Key) (text, met string) {
	var texts, mets []string
	for _, v := range r.Verdicts {
		if v.Row() == row {
			texts = append(texts, v.String())
			mets = append(mets, number(v.Is)+" "+yesNo(v.Met))
		}
	}
	return strings.Join(texts, "; "), strings.Join(mets, "; ")
}

// title describes a case with its size.
func (r *Report) title(name string) string {
	for _, result := range r.Results {
		if result.Case == name && result.Series > 0 {
			return fmt.Sprintf("%s, %d series", r.titles[name], result.Series)
		}
	}
	return r.titles[name]
}
