package root

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
)

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
