package simulate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// maxText is the longest text of an incident, in bytes.
const maxText = 4096

// maxParsed caps the durations that are read. It is far above what can be simulated, so the error still
// shows what was meant.
const maxParsed = 365 * maxLasts

// Parse reads an incident from text. Phases are separated by "then", ";" or a newline. A phase says
// what is wrong ("2% failures", "1 in 10 failures", "5% slow", "1% ignored", several joined by "and";
// "outage", "healthy", "no traffic"), for how long ("for 1h30m", "for 3 days") and at what traffic
// ("at 50 rps", "at 600/min", "at 100 per hour"). A phase without its own traffic has that of the
// phase before it; the first phase with traffic must state it. The error joins all problems, each an
// [otelsli.FieldError].
func Parse(text string) (Incident, error) {
	p := &problems{}
	if len(text) > maxText {
		p.add("incident", fmt.Sprintf("a text of %d bytes", len(text)), "at most %d", maxText)
		return nil, p.err()
	}
	var in Incident
	rate := 0.0
	for i, part := range separators.Split(strings.ToLower(text), -1) {
		phase := parser{problems: p, field: fmt.Sprintf("incident: phase %d: ", i+1), rate: rate}
		parsed := phase.parse(strings.TrimSpace(strings.Trim(strings.TrimSpace(part), ",")))
		if phase.rate > 0 {
			rate = phase.rate
		}
		in = append(in, parsed)
	}
	if p.err() == nil {
		in.validate(p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return in, nil
}

const (
	numberPattern   = `(\d+(?:\.\d+)?(?:e[+-]?\d+)?)`
	durationPattern = `((?:\d+(?:\.\d+)?\s*(?:ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?:\s+and\s+|\s*))+)`
)

var (
	separators = regexp.MustCompile(`\s*,?\s*\bthen\b\s*|\s*[;\n]\s*`)
	forPart    = regexp.MustCompile(`\b(?:for|during|over)\s+` + durationPattern + `(?:\b|$)`)
	atPart     = regexp.MustCompile(`(?:\bat|\bwith|@)\s*` + numberPattern +
		`\s*(?:(rps|qps|rpm|rph)\b|(?:requests?|events?|reqs?)?\s*(?:/|\bper\b|\ba\b)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hr|h|days?|d)\b)`)
	percentPart = regexp.MustCompile(`^` + numberPattern + `\s*(?:%|percent)\s*(?:of\s+\S+\s+)?(\S.*)$`)
	ratioPart   = regexp.MustCompile(`^` + numberPattern + `\s*(?:in|of|/)\s*` + numberPattern + `\s+(\S.*)$`)
	unitPart    = regexp.MustCompile(`(\d+(?:\.\d+)?)\s*([a-z]+)`)
)

// units maps the abbreviations of time units to their lengths.
var units = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

// unitOf returns the time unit with any of its names.
func unitOf(name string) time.Duration {
	if name == "ms" {
		return time.Millisecond
	}
	return units[name[:1]]
}

// outcomes maps the words for what is wrong with an event.
var outcomes = map[string]otelsli.Outcome{
	"failures": otelsli.Failed, "failure": otelsli.Failed, "failed": otelsli.Failed, "fail": otelsli.Failed, "failing": otelsli.Failed, "fails": otelsli.Failed,
	"errors": otelsli.Failed, "error": otelsli.Failed, "bad": otelsli.Failed,
	"slow": otelsli.Slow, "late": otelsli.Slow,
	"ignored": otelsli.Ignored, "excluded": otelsli.Ignored,
}

// A parser reads one phase.
type parser struct {
	*problems
	field string
	rate  float64 // of the previous phase, then of this one
	phase Phase
}

func (p *parser) wrong(text, want string) { p.add(p.field+"text", strconv.Quote(text), "%s", want) }

func (p *parser) parse(text string) Phase {
	whole := text
	if text == "" {
		p.wrong(text, `a phase such as "2% failures for 3h at 50 rps"`)
		return p.phase
	}
	text, traffic := cutMatch(text, atPart)
	text, lasts := cutMatch(text, forPart)
	if atPart.MatchString(text) || forPart.MatchString(text) {
		p.wrong(whole, `one duration and one rate per phase, and "then" before the next phase`)
	}
	if lasts == nil {
		p.wrong(whole, `a duration, such as "for 3h" or "for 1h30m"`)
	} else {
		p.phase.Lasts = duration(lasts[1])
	}
	if traffic != nil {
		p.rate = rate(traffic)
	}
	silent := p.behaviour(strings.TrimSpace(strings.Trim(strings.TrimSpace(text), ",")))
	switch {
	case silent:
	case p.rate > 0:
		p.phase.Rate = p.rate
	default:
		p.wrong(whole, `traffic above 0, such as "at 50 rps" or "at 600/min"`)
	}
	return p.phase
}

// cutMatch removes the first match from text.
func cutMatch(text string, pattern *regexp.Regexp) (rest string, match []string) {
	at := pattern.FindStringSubmatchIndex(text)
	if at == nil {
		return text, nil
	}
	return text[:at[0]] + " " + text[at[1]:], pattern.FindStringSubmatch(text)
}

func duration(text string) time.Duration {
	var all float64
	for _, m := range unitPart.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64) // cannot fail: the pattern matches only numbers
		all += n * float64(unitOf(m[2]))
	}
	if all > float64(maxParsed) {
		return maxParsed // rejected later; this avoids an overflow
	}
	return time.Duration(all).Round(time.Millisecond)
}

// rate returns events per second.
func rate(match []string) float64 {
	n, _ := strconv.ParseFloat(match[1], 64)
	switch match[2] {
	case "rps", "qps":
		return n
	case "rpm":
		return n / 60
	case "rph":
		return n / 3600
	}
	return n / unitOf(match[3]).Seconds()
}

// behaviour reads what is wrong, and reports whether there is no traffic.
func (p *parser) behaviour(text string) (silent bool) {
	switch text {
	case "no traffic", "idle", "silence", "no requests", "no events":
		return true
	case "outage", "full outage", "total outage", "down":
		p.phase.Failed = 1
		return false
	case "healthy", "quiet", "no failures", "normal":
		return false
	case "":
		p.wrong(text, `what happens: "2% failures", "outage", "5% slow", "healthy" or "no traffic"`)
		return false
	}
	for _, part := range regexp.MustCompile(`\s*(?:,|\band\b|\+)\s*`).Split(text, -1) {
		p.share(part)
	}
	return false
}

// share reads one share of bad events, such as "2% failures".
func (p *parser) share(text string) {
	share, what, ok := fraction(text)
	if !ok {
		p.wrong(text, `a share such as "2% failures", "1 in 10 failures" or "5% slow"`)
		return
	}
	outcome, known := outcomes[strings.Fields(what)[0]]
	if words := strings.Fields(what); !known && len(words) > 1 {
		outcome, known = outcomes[words[len(words)-1]] // "of the requests fail"
	}
	if !known {
		p.wrong(what, "failures, slow or ignored")
		return
	}
	switch outcome {
	case otelsli.Failed:
		p.phase.Failed += share
	case otelsli.Slow:
		p.phase.Slow += share
	case otelsli.Ignored:
		p.phase.Ignored += share
	case otelsli.Success:
	}
}

func fraction(text string) (share float64, what string, ok bool) {
	if m := percentPart.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseFloat(m[1], 64)
		return n / 100, m[2], err == nil
	}
	if m := ratioPart.FindStringSubmatch(text); m != nil {
		n, err1 := strconv.ParseFloat(m[1], 64)
		of, err2 := strconv.ParseFloat(m[2], 64)
		return n / of, m[3], err1 == nil && err2 == nil && of > 0
	}
	return 0, "", false
}
