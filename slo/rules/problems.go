package rules

import (
	"errors"
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// problems collects all that is wrong with one call.
type problems struct{ list []error }

func (p *problems) add(field string, value any, want string, args ...any) {
	text := fmt.Sprint(value)
	if s, ok := value.(string); ok {
		text = fmt.Sprintf("%.120q", s)
	}
	p.list = append(p.list, &otelsli.FieldError{Field: "rules: " + field, Value: text, Want: fmt.Sprintf(want, args...)})
}

func (p *problems) err() error { return errors.Join(p.list...) }
