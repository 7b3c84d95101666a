package sloflags

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/progress"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/source"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
)

// SourceHelp explains SOURCE in the help of commands that read a catalog.
const SourceHelp = `SOURCE is one of
  ./cmd/shop             a Go package, by path or import path: it is built and its
                         package-level SLIs are read; main does not run
  http://127.0.0.1:9464  a running service, whose /slis.json is read: the only way
                         to see SLIs declared at run time
  slis.json              a file with that JSON
  -                      that JSON on standard input`

// Source holds the flags of a command that reads one catalog.
type Source struct {
	From string
	Reader
}

// Reader holds the flags that say how a catalog is read. It does not say which one.
type Reader struct {
	timeout   time.Duration
	tokenFile string
	caFile    string
}

// defaultTimeout is long enough to build a large service.
const defaultTimeout = 5 * time.Minute

// Add adds --from and the flags of the [Reader] to a command.
func (s *Source) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.From, "from", "", "`SOURCE` of the catalog: a Go package, a URL, a JSON file, or - for standard input")
	s.Reader.Add(cmd)
}

// Add adds the flags to a command, and has it read the configuration file.
func (r *Reader) Add(cmd *cobra.Command) {
	DurationVar(cmd.Flags(), &r.timeout, "timeout", defaultTimeout, "time limit for reading a catalog")
	cmd.Flags().StringVar(&r.tokenFile, "token-file", "", "`file` with the bearer token for a URL (default: the value of OTELSLI_TOKEN)")
	cmd.Flags().StringVar(&r.caFile, "ca-file", "", "PEM `file` with the CA certificates to trust for a URL")
	AddConfig(cmd)
}

// Missing returns an error if --from is missing, and nil otherwise.
func (s *Source) Missing() error {
	if s.From != "" {
		return nil
	}
	return errors.New(`--from is missing: want a Go package such as ./cmd/shop, a URL such as http://127.0.0.1:9464, a JSON file, or "-"`)
}

// Read reads the catalog of --from.
func (s *Source) Read(ctx context.Context, app *cli.App, in *cobra.Command) (*otelsli.Description, error) {
	if err := s.Missing(); err != nil {
		return nil, err
	}
	return s.Reader.Read(ctx, app, in, s.From)
}

// Read reads a catalog. It shows progress and notices on app.Err.
func (r *Reader) Read(ctx context.Context, app *cli.App, in *cobra.Command, from string) (*otelsli.Description, error) {
	line := progress.Start(app.Err, app.Live)
	var notices []string
	reader := source.Reader{
		Stdin: in.InOrStdin(), Timeout: r.timeout, TokenFile: r.tokenFile, Token: os.Getenv("OTELSLI_TOKEN"), CAFile: r.caFile,
		Progress: line.Show, Notice: func(text string) { notices = append(notices, text) },
	}
	d, err := reader.Read(ctx, from)
	line.Stop()
	for _, n := range notices {
		fmt.Fprintln(app.Err, term.Wrap("note: "+term.Plain(n), app.Width(), 6))
	}
	return d, err
}
