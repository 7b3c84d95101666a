package sliprom

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelsli/otelsli-go/internal/throttle"
)

// problemsName is the counter of problems with siblings. It is served together with the SLIs.
const problemsName = "otelsli_scrape_problems_total"

// A problemKind is a way in which a sibling disturbs a scrape.
type problemKind int

const (
	duplicateFamily problemKind = iota
	encodeFailed
	gatherFailed
	invalidFamily
	gatherPanicked
	gatherTimeout
	problemKinds
)

// kindNames are the values of the label kind, in alphabetical order.
var kindNames = [problemKinds]string{"duplicate", "encode", "error", "invalid", "panic", "timeout"}

var kindMessages = [problemKinds]string{
	duplicateFamily: "sliprom: metric family dropped, its name is taken by another source",
	encodeFailed:    "sliprom: metric family dropped, it cannot be encoded",
	gatherFailed:    "sliprom: metrics gathered with errors, what was delivered is served",
	invalidFamily:   "sliprom: metric family dropped, it is invalid",
	gatherPanicked:  "sliprom: metrics missing, gathering them panicked",
	gatherTimeout:   "sliprom: metrics missing, gathering them takes too long",
}

// reportInterval is the minimum time between two log lines of one kind.
const reportInterval = time.Minute

// problems counts and logs problems with siblings.
type problems struct {
	logger    *slog.Logger // nil: slog.Default
	counts    [problemKinds]atomic.Int64
	throttles [problemKinds]throttle.Throttle
}

var (
	errTaken   = errors.New("duplicate name")
	errOverdue = errors.New("not done in time")
)

// report counts a problem, and logs it unless one of its kind was logged within the last minute.
// family may be empty.
func (p *problems) report(kind problemKind, source, family string, err error) {
	p.counts[kind].Add(1)
	suppressed, ok := p.throttles[kind].Pass(reportInterval, 1)
	if !ok {
		return
	}
	logger := p.logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.Warn(kindMessages[kind], "source", source, "family", family,
		"error", brief(err), "suppressed", suppressed)
}

// brief cuts the text of an error: one from client_golang may hold a stack trace of 64 KiB.
func brief(err error) string { return fmt.Sprintf("%.500s", err.Error()) }

// A problemFamily is the counts as a metric family. It belongs to one scrape at a time.
type problemFamily struct {
	family dto.MetricFamily
	values [problemKinds]float64
}

func newProblemFamily(created time.Time) *problemFamily {
	f := &problemFamily{}
	f.family.Name = new(problemsName)
	f.family.Help = new("Metrics that were dropped from scrapes, and gatherers that did not deliver.")
	f.family.Type = dto.MetricType_COUNTER.Enum()
	for i, name := range kindNames {
		f.family.Metric = append(f.family.Metric, &dto.Metric{
			Label:   []*dto.LabelPair{{Name: new("kind"), Value: new(name)}},
			Counter: &dto.Counter{Value: &f.values[i], CreatedTimestamp: timestamppb.New(created)},
		})
	}
	return f
}

// update brings the numbers up to date.
func (f *problemFamily) update(p *problems) {
	for i := range f.values {
		f.values[i] = float64(p.counts[i].Load())
	}
}
