// Package stock is a library that declares an SLI.
package stock

import "github.com/otelsli/otelsli-go/otelsli"

type labels struct{ Depot string }

var _ = otelsli.MustNew(otelsli.Spec{Name: "reserve"}, []labels{{"north"}})
