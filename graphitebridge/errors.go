package graphitebridge

import (
	"errors"
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// ErrShutdown is returned by the methods of an [Exporter] once [Exporter.Shutdown] has been called.
var ErrShutdown = errors.New("graphitebridge: the exporter is shut down")

var errUnacknowledged = errors.New("not acknowledged, though no error is known")

// problems collects the problems of a configuration.
type problems struct {
	subject string
	list    []error
}

func (p *problems) check(ok bool, field string, value any, want string) {
	if ok {
		return
	}
	text := fmt.Sprint(value)
	if s, isText := value.(string); isText {
		text = fmt.Sprintf("%.120q", s)
	}
	p.list = append(p.list, &otelsli.FieldError{Field: p.subject + field, Value: text, Want: want})
}

func (p *problems) add(err error) { p.list = append(p.list, err) }

func (p *problems) err() error { return errors.Join(p.list...) }
