package root

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
)

// unknownCommand is the error of a command that does not exist, which cobra answers with the help of the one
// above it and status 0.
func unknownCommand(root *cobra.Command, args []string) error {
	cmd, rest, _ := root.Find(args)
	if cmd == nil || cmd.Runnable() || len(rest) == 0 || strings.HasPrefix(rest[0], "-") || strings.HasPrefix(rest[0], "__") {
		return nil
	}
	if cmd == root && slices.Contains([]string{"help", "completion"}, rest[0]) { // which cobra adds later
		return nil
	}
	var known []string
	for _, child := range cmd.Commands() {
		known = append(known, child.Name())
	}
	return fmt.Errorf("unknown command %q for %q: want one of %s%s", rest[0], cmd.CommandPath(), strings.Join(known, ", "), sloflags.Suggestion(rest[0], known))
}

// suggestFlag adds to the error of an unknown flag the one that was probably meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	_, name, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if suggestion := sloflags.Suggestion(name, known); suggestion != "" {
		return fmt.Errorf("%w: want one of %s --help%s", err, cmd.CommandPath(), suggestion)
	}
	return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
}
