package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

// presence tells a service that is idle, whose series stay at their values, from one whose series
// are gone, and the latter by whether its processes are. Those are known by up where they are
// scraped, and by target_info where they push by OTLP.
func (s *scope) presence(jobs []names.Matcher) []Rule {
	up := names.Selector{Metric: "up", Matchers: jobs}
	info := names.Selector{Metric: "target_info", Matchers: jobs}
	alive := fmt.Sprintf("on (job) (%s == 1 or %s)", up, info)
	gone := s.gone()
	series := s.raise(AlertSeriesGone, s.page, gone+"\nand "+alive, 5*s.interval, nil)
	series.Annotations = s.annotate(AlertSeriesGone, s.page,
		"{{ $labels.job }}: the series of {{ $labels.sli }} are gone",
		"The processes of {{ $labels.job }} are there, but the counters of {{ $labels.sli }} are not, though they were within the last day. "+
			"No objective of it is watched until they are back. A process that is idle keeps its counters, so this is a change of the program or of how it is collected.")
	targets := s.raise(AlertTargetsDown, s.page, gone+"\nunless "+alive, 2*s.interval, nil)
	targets.Annotations = s.annotate(AlertTargetsDown, s.page,
		"{{ $labels.job }}: nothing is left that counts {{ $labels.sli }}",
		"No process of {{ $labels.job }} is there any more, neither up nor pushing, though there was one within the last day. "+
			"If the service was removed on purpose, this ends by itself a day after.")
	return []Rule{series, targets}
}

// presenceMemory is how long a series that is gone is missed.
const presenceMemory = 24 * time.Hour

func (s *scope) gone() string {
	on := []string{labelJob}
	for _, label := range s.keys() {
		if label == labelService || label == otelsli.AttributeSLI {
			on = append(on, label)
		}
	}
	events := s.record(recordEvents + Duration(s.base()))
	return fmt.Sprintf("group by (%s) (present_over_time(%s[%s]))\nunless on (%s) %s",
		list(on), events, Duration(presenceMemory), list(on), events)
}

func list(labels []string) string { return strings.Join(labels, ", ") }
