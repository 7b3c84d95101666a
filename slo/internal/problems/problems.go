// Package problems collects all problems with the arguments of a call, to report them together.
package problems

import (
	"errors"
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A List is the problems with the arguments of one call. It is not safe for concurrent use.
type List struct {
	where string
	list  []error
}

// In returns an empty list whose errors name the package.
func In(pkg string) *List { return &List{where: pkg + ": "} }

// Add adds an [otelsli.FieldError]. Long values are truncated, and strings quoted.
func (l *List) Add(field string, value any, want string, args ...any) {
	text := fmt.Sprintf("%.120v", value)
	if s, ok := value.(string); ok {
		text = fmt.Sprintf("%.120q", s)
	}
	l.list = append(l.list, &otelsli.FieldError{Field: l.where + field, Value: text, Want: fmt.Sprintf(want, args...)})
}

// Err returns the problems, joined, or nil if there are none.
func (l *List) Err() error { return errors.Join(l.list...) }
