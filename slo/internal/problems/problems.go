// Package problems collects what is wrong with the arguments of one call, so that all of it is
// reported at once.
package problems

import (
	"errors"
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A List is what is wrong with the arguments of one call. It belongs to one goroutine.
type List struct {
	where string
	list  []error
}

// In returns an empty list of a package.
func In(pkg string) *List { return &List{where: pkg + ": "} }

// Add adds an [otelsli.FieldError]. A long value is cut, and a text quoted.
func (l *List) Add(field string, value any, want string, args ...any) {
	text := fmt.Sprintf("%.120v", value)
	if s, ok := value.(string); ok {
		text = fmt.Sprintf("%.120q", s)
	}
	l.list = append(l.list, &otelsli.FieldError{Field: l.where + field, Value: text, Want: fmt.Sprintf(want, args...)})
}

// Err joins the problems; it is nil where there are none.
func (l *List) Err() error { return errors.Join(l.list...) }
