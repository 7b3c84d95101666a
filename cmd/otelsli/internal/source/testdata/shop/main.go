// Command shop declares an SLI. Its main must not run.
package main

import (
	"github.com/otelsli/otelsli-go/otelsli"

	_ "github.com/otelsli/otelsli-go/cmd/otelsli/internal/source/testdata/shop/internal/stock"
)

type labels struct{ Channel string }

// Names that the file added by the overlay must not collide with.
var json, os, describing = 1, 2, 3

var _ = otelsli.MustNew(otelsli.Spec{Name: "place_order"}, []labels{{"web"}})

func init() { println("init runs", json, os, describing) }

func main() { panic("main runs") }
