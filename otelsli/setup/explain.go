package setup

import (
	"errors"

	"github.com/otelsli/otelsli-go/otelsli"
)

// explainFields returns err with each joined field error reworded by f, or unchanged if f returns
// nil. A user who has set a variable does not know the option or field that it stands for.
func explainFields(err error, f func(*otelsli.FieldError) *otelsli.FieldError) error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, err := range list.Unwrap() {
			errs = append(errs, explainFields(err, f))
		}
		return errors.Join(errs...)
	}
	if field, ok := errors.AsType[*otelsli.FieldError](err); ok {
		if better := f(field); better != nil {
			return better
		}
	}
	return err
}
