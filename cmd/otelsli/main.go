// Command otelsli makes and proves what follows from the SLIs of a service, and looks at the
// configuration of its export.
//
//	otelsli catalog --from ./cmd/shop   what is declared
//	otelsli generate rules|dashboards|… what follows from it: rules, dashboards, SLO documents
//	otelsli lint                        what is seldom meant, and what it costs
//	otelsli diff OLD NEW                what a change of declarations does
//	otelsli test                        proves the rules by unit tests of promtool
//	otelsli simulate INCIDENT           which alerts would fire when, and what it would cost
//	otelsli config check                what a service would use of its environment
//	otelsli config check --connect      and what each backend says to one real export
//	otelsli completion bash             completion for a shell
//
// Run config check where the service runs, with the service's environment: in its container, or in
// front of it in the script that starts it. The other commands read the catalog from a Go package, a
// running service or a file; docs/cli.md describes them all. -o json makes every output one for programs. The exit status is 0
// where all is well, 1 where there are problems, 2 where the command itself is wrong.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/root"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return root.Execute(ctx, cli.Standard(), os.Args[1:])
}
