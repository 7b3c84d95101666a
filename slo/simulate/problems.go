package simulate

import (
	"errors"
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// problems collects the problems with the arguments of one call.
type problems struct{ list []error }

func (p *problems) add(field string, value any, want string, args ...any) {
	p.list = append(p.list, &otelsli.FieldError{
		Field: "simulate: " + field, Value: fmt.Sprintf("%.120v", value), Want: fmt.Sprintf(want, args...),
	})
}

func (p *problems) err() error { return errors.Join(p.list...) }
