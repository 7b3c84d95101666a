package rules

import "github.com/otelsli/otelsli-go/slo/internal/problems"

// VMAlert writes a set as a rule file for vmalert of VictoriaMetrics. vmalert does not support quoted
// names, and versions up to at least 1.79 do not support keep_firing_for.
type VMAlert struct{}

func (VMAlert) document(s *Set) (document, error) {
	p := problems.In("rules")
	if s.utf8 {
		p.Add("WithTranslation", "one that keeps dots", "one with underscores: vmalert does not read quoted names")
	}
	d := fileOf(s)
	d.evalDelay = true
	for _, g := range s.Groups {
		for _, r := range g.Rules {
			if r.KeepFiringFor > 0 && p.Err() == nil {
				p.Add("WithKeepFiringFor", r.KeepFiringFor, "none for vmalert")
			}
		}
	}
	return d, p.Err()
}
