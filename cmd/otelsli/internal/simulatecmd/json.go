package simulatecmd

import (
	"time"

	"github.com/otelsli/otelsli-go/slo/simulate"
)

// A resultJSON is the JSON for one objective. Times are in seconds since the incident began.
type resultJSON struct {
	Incident         string      `json:"incident"`
	SLI              string      `json:"sli"`
	SLO              string      `json:"slo"`
	Target           float64     `json:"target"`
	PeriodSeconds    float64     `json:"period_seconds"`
	LastsSeconds     float64     `json:"lasts_seconds"`
	Events           int64       `json:"events"`
	Bad              int64       `json:"bad"`
	Allowed          float64     `json:"allowed"`
	Consumed         float64     `json:"consumed_ratio"`
	ExhaustedSeconds *float64    `json:"exhausted_seconds"` // null: the budget lasts
	Alerts           []alertJSON `json:"alerts"`
	Quiet            []string    `json:"quiet"`
	Curve            []pointJSON `json:"curve"`
}

type alertJSON struct {
	Tier        string   `json:"tier"`
	Severity    string   `json:"severity"`
	Factor      float64  `json:"factor"`
	FromSeconds float64  `json:"from_seconds"`
	ToSeconds   *float64 `json:"to_seconds"` // null: still firing when the simulation ends
	Burn        float64  `json:"burn_rate"`
	Burnt       float64  `json:"burnt_ratio"`
}

type pointJSON struct {
	AtSeconds float64 `json:"at_seconds"`
	Burn      float64 `json:"burn_rate"`
	Left      float64 `json:"budget_left_ratio"`
}

// maxPoints limits how many points of a curve are in the JSON.
const maxPoints = 500

func toJSON(results []*simulate.Result) []resultJSON {
	var all []resultJSON
	for _, r := range results {
		j := resultJSON{
			Incident: r.Incident, SLI: r.SLI, SLO: r.SLO, Target: r.Target, PeriodSeconds: r.Period.Seconds(), LastsSeconds: r.Lasts.Seconds(),
			Events: r.Events, Bad: r.Bad, Allowed: r.Allowed, Consumed: r.Consumed, Alerts: []alertJSON{}, Quiet: []string{},
		}
		if r.Exhausted >= 0 {
			j.ExhaustedSeconds = seconds(r.Exhausted)
		}
		for _, a := range r.Alerts {
			alert := alertJSON{Tier: a.Tier.Name, Severity: a.Tier.Severity, Factor: a.Tier.Factor, FromSeconds: a.From.Seconds(), Burn: a.Burn, Burnt: a.Burnt}
			if a.Ended {
				alert.ToSeconds = seconds(a.To)
			}
			j.Alerts = append(j.Alerts, alert)
		}
		for _, t := range r.Quiet {
			j.Quiet = append(j.Quiet, t.Name)
		}
		step := (len(r.Curve) + maxPoints - 1) / maxPoints
		for i := 0; i < len(r.Curve); i += step {
			p := r.Curve[i]
			j.Curve = append(j.Curve, pointJSON{p.At.Seconds(), p.Burn, p.Left})
		}
		all = append(all, j)
	}
	return all
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}
