package otelsli

import (
	"errors"
	"fmt"
)

var (
	// ErrFrozen is returned by [Catalog.Configure] after the first collection: names that have been
	// exported can no longer change.
	ErrFrozen = errors.New("otelsli: catalog: already collected, its configuration is final")

	// ErrClaimed is returned by [Catalog.Claim] and [Catalog.Register] while the catalog is already
	// exported: its counters would leave the process twice.
	ErrClaimed = errors.New("otelsli: catalog: already exported")
)

// A FieldError is one problem of a declaration or a configuration. Constructors find all problems
// and return them joined; [errors.As] finds the first.
type FieldError struct {
	Field string // path of the field, such as `SLI "place_order": Objective.Availability`
	Value string // what it is set to
	Want  string // what would be right
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("otelsli: %s is %s: want %s", e.Field, e.Value, e.Want)
}

// problems collects the field errors of one declaration.
type problems struct {
	subject string
	list    []error
}

func sliProblems(name string) *problems {
	return &problems{subject: fmt.Sprintf("SLI %.120q: ", name)}
}

func (p *problems) add(field string, value any, want string, args ...any) {
	text := fmt.Sprint(value)
	if s, ok := value.(string); ok {
		text = fmt.Sprintf("%.120q", s)
	}
	p.list = append(p.list, &FieldError{
		Field: p.subject + field,
		Value: text,
		Want:  fmt.Sprintf(want, args...),
	})
}

func (p *problems) err() error { return errors.Join(p.list...) }
