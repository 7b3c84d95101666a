package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// A goPackage is what go list says of a package.
type goPackage struct {
	Dir, ImportPath, Name string
}

// build builds and runs a Go package, up to the end of its initialisation.
func (r Reader) build(ctx context.Context, from string) ([]byte, error) {
	if strings.HasPrefix(from, "-") {
		return nil, errors.New(`want a Go package such as ./cmd/shop, a URL, a JSON file, or "-"`)
	}
	r.tell("looking for " + from)
	p, err := r.list(ctx, from)
	if err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "otelsli-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	layer, target, err := overlayOf(p, temporary)
	if err != nil {
		return nil, err
	}
	file, err := layer.write()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(temporary, "program.exe")
	r.tell("building " + p.ImportPath)
	if _, err := r.goCommand(ctx, p.Dir, "build", "-overlay="+file, "-o", program, target); err != nil {
		return nil, fmt.Errorf("does not build: %w", err)
	}
	r.tell("reading the declarations of " + p.ImportPath)
	data, err := r.execute(ctx, program, filepath.Join(temporary, "catalog.json"), p)
	if err == nil && r.Notice != nil {
		r.Notice(fmt.Sprintf("%s shows the SLIs of its package-level variables alone; those that code declares as it runs, such as the routes of slihttp.NewMux, are seen at a running service: http://127.0.0.1:9464", from))
	}
	return data, err
}

// list finds a package. A directory is looked at from within, for it may be in another module.
func (r Reader) list(ctx context.Context, from string) (goPackage, error) {
	dir, pattern := r.Dir, from
	if info, err := os.Stat(r.path(from)); err == nil && info.IsDir() {
		dir, pattern = r.path(from), "."
	}
	out, err := r.goCommand(ctx, dir, "list", "-find", "-json=Dir,ImportPath,Name", "--", pattern)
	if ctx.Err() != nil {
		return goPackage{}, err
	}
	if err != nil {
		return goPackage{}, fmt.Errorf("is neither a file nor a Go package here: %w", err)
	}
	var p goPackage
	decoder := json.NewDecoder(bytes.NewReader(out))
	if err := decoder.Decode(&p); err != nil {
		return goPackage{}, errors.New("matches no Go package: want one, such as ./cmd/shop")
	}
	if decoder.More() {
		return goPackage{}, errors.New("matches several Go packages: want one, such as ./cmd/shop")
	}
	return p, nil
}

// goCommand runs the go command without the network.
func (r Reader) goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the package that the user names, after "--" or as a directory
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local")
	return output(ctx, cmd)
}

// grace is how long a process has to end once it is told to.
const grace = 2 * time.Second

// output returns what a command writes to its standard output; its error says what it wrote to the
// other one.
func output(ctx context.Context, cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, grace
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, ended(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the go command is not in PATH: read the catalog of a running service by its URL instead")
	}
	return nil, errors.New(explained(stderr.String(), err))
}

// maxLines is how many lines of another program are shown.
const maxLines = 12

// explained is what another program wrote, in few lines, and what can be done about it.
func explained(text string, err error) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = "  " + term.Plain(line)
	}
	if len(lines) > maxLines {
		lines = append(lines[:maxLines], fmt.Sprintf("  … and %d more lines", len(lines)-maxLines))
	}
	shown := fmt.Sprintf("%v\n%s", err, strings.Join(lines, "\n"))
	if len(lines) == 1 && text != "" { // which says it better than a status
		shown = strings.TrimSpace(lines[0])
	}
	switch {
	case strings.Contains(text, "module lookup disabled by GOPROXY=off"):
		shown += "\nnothing is downloaded here: run go mod download first"
	case strings.Contains(text, "provides package github.com/otelsli/otelsli-go"):
		shown += "\nits module does not use otelsli: it declares no SLIs"
	}
	return shown
}

// execute runs the program, which ends once it has written the catalog.
func (r Reader) execute(ctx context.Context, program, out string, p goPackage) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program)
	cmd.Dir = p.Dir
	cmd.Env = append(cmd.Environ(), outVariable+"="+out, "OTEL_SDK_DISABLED=true")
	if _, err := output(ctx, cmd); err != nil {
		return nil, fmt.Errorf("ends while its variables are initialised: %w", err)
	}
	data, err := os.ReadFile(out) //nolint:gosec // in our temporary directory
	if err != nil {
		return nil, errors.New("ends by itself while its variables are initialised, before all are declared: read the catalog of a running service by its URL instead")
	}
	if bytes.Contains(data, []byte(`"slis":[]`)) {
		return nil, errors.New("declares no SLI as a package-level variable; those that a constructor declares are seen in a running service alone: read its URL, such as http://127.0.0.1:9464")
	}
	return data, nil
}
