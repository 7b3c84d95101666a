package setup

import (
	"errors"
	"log/slog"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/internal/outage"
)

// exportLogs logs what goes wrong with a push pipeline. Each kind of fault has its own log, because
// one that lasts for hours must not hide another.
type exportLogs struct {
	exports, rejections, warnings, collections *outage.Log

	logger *slog.Logger
	name   string
	quiet  bool   // the exporter logs its outages itself
	kept   string // what is kept of an export that failed
}

const (
	keptTotals = "everything: the next export that arrives has the totals"
	keptDeltas = "the SLIs: the next export that arrives has what this one had"

	// lostFrom explains the loss, because a service without metrics of its own loses points too.
	lostFrom = "data points of metrics that are no SLIs, those about the pipelines included"
)

func newExportLogs(logger *slog.Logger, w *watch, deltas, quiet bool) exportLogs {
	attrs := []any{"pipeline", w.name}
	if w.endpoint != "" {
		attrs = append(attrs, "endpoint", w.endpoint)
	}
	l := exportLogs{
		logger: logger, name: w.name, quiet: quiet, kept: keptTotals,
		exports: outage.New(logger, "otelsli: export fails", "otelsli: export works again", attrs...),
		rejections: outage.New(logger, "otelsli: the receiver does not take all of an export",
			"otelsli: the receiver takes all of an export again", attrs...),
		warnings: outage.New(logger, "otelsli: the receiver takes an export with a warning",
			"otelsli: the receiver takes exports without a warning again", attrs...),
		collections: outage.New(logger, "otelsli: collecting the application's metrics fails",
			"otelsli: collecting the application's metrics works again", "pipeline", w.name),
	}
	if deltas {
		l.kept = keptDeltas
	}
	return l
}

// write logs a round. The errors of Flush and Shutdown are left to their callers.
func (l *exportLogs) write(r slisdk.Round) {
	l.writeCollection(r)
	switch {
	case r.Result == slisdk.Canceled:
	case !arrived(r):
		l.writeFailure(r)
	case r.Rejected > 0:
		l.exports.Worked()
		if r.Trigger == slisdk.ByInterval {
			l.rejections.Failed(briefError(r.Err), "rejected", r.Rejected, "points", r.Points)
		}
	case r.Err != nil:
		l.exports.Worked()
		l.rejections.Worked()
		l.warnings.Failed(briefError(r.Err)) // Flush and Shutdown do not return it
	default:
		l.exports.Worked()
		l.rejections.Worked()
		l.warnings.Worked()
	}
}

func (l *exportLogs) writeFailure(r slisdk.Round) {
	switch {
	case r.Trigger != slisdk.ByInterval:
	case l.quiet:
		l.logger.Debug("otelsli: export fails", "pipeline", l.name, "error", briefError(r.Err))
	case r.Lost > 0:
		l.exports.Failed(briefError(r.Err), "result", r.Result.String(), "kept", l.kept, "lost", r.Lost, "lost_from", lostFrom)
	default:
		l.exports.Failed(briefError(r.Err), "result", r.Result.String(), "kept", l.kept)
	}
}

func (l *exportLogs) writeCollection(r slisdk.Round) {
	switch {
	case r.CollectErr == nil && r.Points > 0: // there was a collection
		l.collections.Worked()
	case r.CollectErr != nil && r.Trigger == slisdk.ByInterval:
		l.collections.Failed(briefError(r.CollectErr), "kept", "the SLIs, which are exported all the same")
	}
}

func briefError(err error) error { return errors.New(brief(err)) }
