package line_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config line.Config
		want   []string // parts of the text
	}{
		{line.Config{Format: 9}, []string{"line: Config.Format is Format(9): want Graphite"}},
		{line.Config{Template: "{prefix}.{suffix}"}, []string{"Config.Template", "{name} in it"}},
		{line.Config{Template: "{name}"}, []string{"{suffix} in it"}},
		{line.Config{Template: "{name{suffix}"}, []string{"every { closed"}},
		{line.Config{Template: "name}{suffix}"}, []string{"every { closed"}},
		{line.Config{Template: "{name}{suffix"}, []string{"every { closed"}},
		{line.Config{Template: "{name}{suffix}{pod}"}, []string{"not {pod}", "{service.name}"}},
		{line.Config{Template: "a b.{name}{suffix}"}, []string{`unlike "a b."`}},
		{line.Config{Template: "{name}{suffix}{attributes}", Format: line.OpenTSDB}, []string{"has as tags"}},
		{line.Config{Prefix: "a..b"}, []string{"Config.Prefix", "single dots"}},
		{line.Config{Prefix: "a/b"}, []string{"Config.Prefix"}},
		{line.Config{EmptyValue: "no ne"}, []string{"Config.EmptyValue"}},
		{line.Config{Scale: 9}, []string{"Config.Scale is 9: want -10 to 8"}},
		{line.Config{MaxLine: 100}, []string{"at least 256 bytes"}},
		{line.Config{MaxSeries: -1}, []string{"Config.MaxSeries is -1"}},
		{line.Config{ResourceAttributes: []string{"instance"}}, []string{"Config.ResourceAttributes"}},
		{line.Config{ResourceAttributes: []string{"a b", "a_b"}}, []string{`"a_b"`}},
		{line.Config{Prefix: " ", Scale: 99}, []string{"Prefix", "Scale"}},
	} {
		_, err := line.NewMapper(c.config)
		if _, ok := errors.AsType[*otelsli.FieldError](err); !ok {
			t.Errorf("%+v: error %v", c.config, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%+v: error %q does not say %q", c.config, err, part)
			}
		}
	}
}

func TestFormatText(t *testing.T) {
	t.Parallel()
	for _, f := range all {
		text, err := f.MarshalText()
		var back line.Format
		if err != nil || back.UnmarshalText(text) != nil || back != f || string(text) != f.String() {
			t.Errorf("%v reads back as %v, %v", f, back, err)
		}
	}
	var f line.Format
	if err := f.UnmarshalText([]byte("pickle")); err == nil || !strings.Contains(err.Error(), "graphite-tagged") {
		t.Errorf("error %v", err)
	}
	if _, err := line.Format(7).MarshalText(); err == nil || line.Format(7).String() != "Format(7)" {
		t.Errorf("error %v", err)
	}
	if line.TooLong.String() != "too_long" || line.Reason(99).String() != "Reason(99)" {
		t.Error("text of reasons")
	}
}
