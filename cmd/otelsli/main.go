// Command otelsli generates and tests SLO rules, dashboards and documents from the SLIs of a service,
// and checks the configuration of its metrics export.
//
//	otelsli catalog --from ./cmd/shop     list the SLIs
//	otelsli generate rules|dashboards|…   generate rules, dashboards and SLO documents
//	otelsli lint                          find likely mistakes, and what the SLIs cost
//	otelsli diff OLD NEW                  show what a change to the declarations does
//	otelsli test                          run unit tests of the rules with promtool
//	otelsli simulate INCIDENT             show which alerts would fire when, and the cost
//	otelsli config check                  show the configuration a service would use
//	otelsli config check --connect        and what each backend answers to one real export
//	otelsli completion bash               generate completion for a shell
//
// Run config check with the service's environment: in its container, or in the script that starts the
// service, just before it. The other commands read the catalog from a Go package, a running service or
// a file; docs/cli.md describes them all. With -o json, every command prints JSON. The exit status is 0
// on success, 1 if the command found problems, and 2 if it could not run.
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
