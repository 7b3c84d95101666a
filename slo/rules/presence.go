package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

// presence makes the alerts about series that are gone, which idle services, whose series keep their
// values, never trigger. It distinguishes whether the processes are gone too: up shows those that are
// scraped, target_info those that push by OTLP.
//
// While other SLIs of the job are counted, nobody is woken: either the program no longer has this SLI,
// or the part of the job that has it is not running, such as workers that are scaled to zero.
func (s *scope) presence() []Rule {
	up := names.Selector{Metric: "up", Matchers: s.targets}
	info := names.Selector{Metric: "target_info", Matchers: s.targets}
	alive := fmt.Sprintf("on (%s) (%s == 1 or %s)", list(s.place()), up, info)
	others := "on (" + list(s.ofJob()) + ") " + s.all().record(RecordSLIs)
	gone := s.gone()

	series := s.raise(AlertSeriesGone, s.page, gone+"\nunless "+others+"\nand "+alive, 5*s.interval, nil)
	series.Annotations = s.annotate(AlertSeriesGone, s.page,
		"{{ $labels.job }}: the series of {{ $labels.sli }} and all other SLIs of the job are gone",
		"Processes of {{ $labels.job }} are running, but the counters of all its SLIs are missing; those of {{ $labels.sli }} were there within the last day. "+
			"No objective is monitored until they are back. An idle process keeps its counters, so either the program has changed or the way its metrics are collected.")
	single := s.raise(AlertSeriesGone, s.ticket, gone+"\nand "+others, 5*s.interval, nil)
	single.Annotations = s.annotate(AlertSeriesGone, s.ticket,
		"{{ $labels.job }}: the series of {{ $labels.sli }} are gone",
		"Other SLIs of {{ $labels.job }} are still counted, but {{ $labels.sli }} is not, although it was within the last day. "+
			"If it was removed on purpose, this alert ends by itself a day later, or once the rules no longer contain the SLI. Otherwise, the part of the service that counts it is not running, or its metrics are not collected.")
	targets := s.raise(AlertTargetsDown, s.page, gone+"\nunless "+others+"\nunless "+alive, 2*s.interval, nil)
	targets.Annotations = s.annotate(AlertTargetsDown, s.page,
		"{{ $labels.job }}: all processes are gone, and {{ $labels.sli }} is no longer counted",
		"No process of {{ $labels.job }} is up or pushing, although one was within the last day. "+
			"If the service was removed on purpose, this alert ends by itself a day later.")
	return []Rule{series, single, targets}
}

// presenceMemory is how long the alerts remember a series that is gone.
const presenceMemory = 24 * time.Hour

func (s *scope) gone() string {
	on := list(append(s.ofJob(), otelsli.AttributeSLI))
	events := s.record(recordEvents + Duration(s.base()))
	return fmt.Sprintf("group by (%[1]s) (present_over_time(%[2]s[%[3]s]))\nunless on (%[1]s) %[2]s",
		on, events, Duration(presenceMemory))
}

// present records how many SLIs of a job are counted, for the alerts of each SLI.
func (s *scope) present() Rule {
	of := s.all()
	return of.rule(RecordSLIs, 0, fmt.Sprintf("count by (%s) (group by (%s) (%s))",
		list(of.by), list(append(of.by, otelsli.AttributeSLI)), of.record(recordEvents+Duration(s.base()))))
}

// ofJob returns the labels that the records of all SLIs of a job share.
func (s *scope) ofJob() []string {
	if s.labels[labelService] == "" {
		return s.place()
	}
	return append(s.place(), labelService)
}

// all returns the scope of all SLIs of the jobs.
func (s *scope) all() *scope {
	of := &scope{config: s.config, id: s.service, by: s.place(), targets: s.targets}
	if s.labels[labelService] != "" {
		of.labels = map[string]string{labelService: s.labels[labelService]}
	}
	return of
}

func list(labels []string) string { return strings.Join(labels, ", ") }
