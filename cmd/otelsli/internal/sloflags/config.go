package sloflags

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// configFile is read if it exists, unless --config names another file.
const configFile = "otelsli.yaml"

// notInFiles lists the flags that cannot be set in a file.
var notInFiles = []string{"config", "help", "output", "check", "force"}

// AddConfig adds the flag --config, and has the command read the configuration file before it runs.
func AddConfig(cmd *cobra.Command) {
	cmd.Flags().String("config", "", "`file` with flag values, keyed by flag name (default: "+configFile+", if it exists)")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return configure(cmd) }
}

// configure sets the flags that are not on the command line from the configuration file.
func configure(cmd *cobra.Command) error {
	path, _ := cmd.Flags().GetString("config")
	data, err := os.ReadFile(orDefault(path))
	if path == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	var fields map[string]any
	if err := yaml.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("configuration %s: %w", orDefault(path), err)
	}
	known := allFlags(cmd.Root())
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := set(cmd.Flags(), known, name, fields[name]); err != nil {
			problems = append(problems, fmt.Errorf("configuration %s: %w", orDefault(path), err))
		}
	}
	return errors.Join(problems...)
}

func orDefault(path string) string {
	if path == "" {
		return configFile
	}
	return path
}

// allFlags returns the names of the flags, of all commands, that can be set in a file.
func allFlags(root *cobra.Command) map[string]bool {
	all := make(map[string]bool)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Flags().Lookup("config") != nil {
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if !slices.Contains(notInFiles, f.Name) {
					all[f.Name] = true
				}
			})
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(root)
	return all
}

// set sets one flag. It skips flags that only other commands have.
func set(flags *pflag.FlagSet, known map[string]bool, name string, value any) error {
	if !known[name] {
		return fmt.Errorf("field %q: want the name of a flag%s", name, Suggestion(name, slices.Sorted(maps.Keys(known))))
	}
	flag := flags.Lookup(name)
	if flag == nil || flag.Changed {
		return nil
	}
	texts, err := texts(value)
	if err != nil {
		return fmt.Errorf("field %q: %w", name, err)
	}
	for _, text := range texts {
		if err := flags.Set(name, text); err != nil {
			return fmt.Errorf("field %q: %w", name, err)
		}
	}
	return nil
}

// texts returns the values of a field as they would appear on a command line.
func texts(value any) ([]string, error) {
	switch v := value.(type) {
	case string, bool, int, float64:
		return []string{fmt.Sprint(v)}, nil
	case []any:
		var all []string
		for _, one := range v {
			text, err := texts(one)
			if err != nil {
				return nil, err
			}
			all = append(all, text...)
		}
		return all, nil
	case map[string]any: // labels
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, fmt.Sprintf("%s=%v", key, v[key]))
		}
		return all, nil
	}
	return nil, fmt.Errorf("a %T: want a value, a list, or labels with their values", value)
}

// Suggestion returns the known name closest to name as the end of an error text, or "" if none is close.
func Suggestion(name string, known []string) string {
	best, least := "", min(4, len(name)/2+1) // more edits would turn a short name into another word
	for _, flag := range known {
		if d := distance(strings.ReplaceAll(name, "_", "-"), flag); d < least {
			best, least = flag, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance returns the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
