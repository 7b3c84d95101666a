package sliprom

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
)

// validate reports anything that would make a scraper reject the family, and with it the whole
// scrape: the encoders let most of it pass.
func validate(f *dto.MetricFamily) error {
	switch {
	case !model.UTF8Validation.IsValidMetricName(f.GetName()):
		return fmt.Errorf("name %q: want valid UTF-8 that is not empty", f.GetName())
	case !utf8.ValidString(f.GetHelp()), !utf8.ValidString(f.GetUnit()):
		return errors.New("help or unit is not valid UTF-8")
	}
	for _, m := range f.Metric {
		if err := validateMetric(f.GetType(), m); err != nil {
			return err
		}
	}
	return nil
}

func validateMetric(typ dto.MetricType, m *dto.Metric) error {
	own, ok := ownLabel(typ, m)
	if !ok {
		return fmt.Errorf("a metric has no value of the family's type %v", typ)
	}
	if err := validateLabels(m.Label, own); err != nil {
		return err
	}
	if err := validateExemplar(m.GetCounter().GetExemplar()); err != nil {
		return err
	}
	for _, bucket := range m.GetHistogram().GetBucket() {
		if err := validateExemplar(bucket.GetExemplar()); err != nil {
			return err
		}
	}
	return nil
}

// ownLabel returns the label that the encoders add to metrics of the type, and whether m has a
// value of that type.
func ownLabel(typ dto.MetricType, m *dto.Metric) (label string, ok bool) {
	switch typ {
	case dto.MetricType_COUNTER:
		return "", m.GetCounter() != nil
	case dto.MetricType_GAUGE:
		return "", m.GetGauge() != nil
	case dto.MetricType_UNTYPED:
		return "", m.GetUntyped() != nil
	case dto.MetricType_SUMMARY:
		return model.QuantileLabel, m.GetSummary() != nil
	case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
		return model.BucketLabel, m.GetHistogram() != nil
	}
	return "", false
}

// validateLabels checks the labels of one metric; none may be named own.
func validateLabels(pairs []*dto.LabelPair, own string) error {
	for i, pair := range pairs {
		name := pair.GetName()
		switch {
		case !model.UTF8Validation.IsValidLabelName(name) || name == model.MetricNameLabel || name == own:
			return fmt.Errorf("label name %q: want valid UTF-8 that is not empty and not reserved", name)
		case strings.Contains(name, ":"):
			return fmt.Errorf("label name %q: want none with a colon, which the encoders neither escape nor quote", name)
		case !utf8.ValidString(pair.GetValue()):
			return fmt.Errorf("label %s: value %.60q is not valid UTF-8", name, pair.GetValue())
		case slices.ContainsFunc(pairs[:i], func(other *dto.LabelPair) bool { return sameName(other.GetName(), name) }):
			return fmt.Errorf("label name %q: want every name once", name)
		}
	}
	return nil
}

func validateExemplar(e *dto.Exemplar) error {
	if e == nil {
		return nil
	}
	if e.Timestamp != nil {
		if err := e.Timestamp.CheckValid(); err != nil {
			return fmt.Errorf("exemplar: %w", err)
		}
	}
	if err := validateLabels(e.Label, ""); err != nil {
		return fmt.Errorf("exemplar: %w", err)
	}
	return nil
}

func sameName(a, b string) bool { return a == b || exposedName(a) == exposedName(b) }

// exposedName returns a name as a scraper without UTF-8 names sees it: to such a scraper, a.b and
// a_b are the same.
func exposedName(name string) string {
	if model.LegacyValidation.IsValidMetricName(name) {
		return name
	}
	return model.EscapeName(name, model.UnderscoreEscaping)
}
