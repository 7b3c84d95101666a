package root

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
)

// unknownCommand returns an error for a command that does not exist. On its own, cobra would print the help
// of the parent command and exit with status 0.
func unknownCommand(root *cobra.Command, args []string) error {
	cmd, rest, _ := root.Find(args)
	if cmd == nil || cmd.Runnable() || len(rest) == 0 || strings.HasPrefix(rest[0], "-") || strings.HasPrefix(rest[0], "__") {
		return nil
	}
	if cmd == root && slices.Contains([]string{"help", "completion"}, rest[0]) { // cobra adds these later
		return nil
	}
	var known []string
	for _, child := range cmd.Commands() {
		known = append(known, child.Name())
	}
	return fmt.Errorf("unknown command %q for %q: want one of %s%s", rest[0], cmd.CommandPath(), strings.Join(known, ", "), sloflags.Suggestion(rest[0], known))
}

// suggestFlag adds the flag that was probably meant to the error about an unknown one.
func suggestFlag(cmd *cobra.Command, err error) error {
	_, name, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	return fmt.Errorf("%w: see %s --help%s", err, cmd.CommandPath(), sloflags.Suggestion(name, known))
}
