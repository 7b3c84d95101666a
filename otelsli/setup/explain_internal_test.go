package setup

import (
	"errors"
	"fmt"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// What has nothing better to say keeps all that it said.
func TestExplainFields(t *testing.T) {
	t.Parallel()
	known := &otelsli.FieldError{Field: "WithA", Value: "1", Want: "2"}
	unknown := &otelsli.FieldError{Field: "WithB", Value: "3", Want: "4"}
	plain := errors.New("no field")
	err := errors.Join(plain, fmt.Errorf("outer: %w", known), errors.Join(fmt.Errorf("outer: %w", unknown)), nil)
	got := explainFields(err, func(field *otelsli.FieldError) *otelsli.FieldError {
		if field != known {
			return nil
		}
		return &otelsli.FieldError{Field: "variable A", Value: field.Value, Want: field.Want}
	})
	const want = "no field\notelsli: variable A is 1: want 2\nouter: otelsli: WithB is 3: want 4"
	if got.Error() != want {
		t.Errorf("%v\nwant %v", got, want)
	}
	if !errors.Is(got, plain) || !errors.Is(got, unknown) {
		t.Errorf("%v has lost what it wraps", got)
	}
	if err := explainFields(nil, nil); err != nil {
		t.Errorf("of no error: %v", err)
	}
}
