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

// A goPackage is what go list reports about a package.
type goPackage struct {
	Dir, ImportPath, Name string
}

// build builds a Go package and runs it to the end of its initialisation.
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
		r.Notice(fmt.Sprintf("%s shows only the SLIs in its package-level variables; to see those declared at run time, such as the routes of slihttp.NewMux, read a running service, such as http://127.0.0.1:9464", from))
	}
	return data, err
}

// list finds a package. For a directory, go list runs inside it, because it may be in another module.
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

// goCommand runs the go command with downloads disabled.
func (r Reader) goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // a package named by the user, after "--" or as a directory
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local")
	return output(ctx, cmd)
}

// grace is how long a killed process may keep its output open.
const grace = 2 * time.Second

// output runs a command and returns its standard output. The error includes its standard error.
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
		return nil, errors.New("the go command is not in PATH: use the URL of a running service instead")
	}
	return nil, errors.New(explained(stderr.String(), err))
}

// maxLines limits how many output lines of another program are shown.
const maxLines = 12

// explained returns the output of another program, shortened, and what can be done about it.
func explained(text string, err error) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = "  " + term.Plain(line)
	}
	if len(lines) > maxLines {
		lines = append(lines[:maxLines], fmt.Sprintf("  … and %d more lines", len(lines)-maxLines))
	}
	shown := fmt.Sprintf("%v\n%s", err, strings.Join(lines, "\n"))
	if len(lines) == 1 && text != "" { // it says more than the exit status
		shown = strings.TrimSpace(lines[0])
	}
	switch {
	case strings.Contains(text, "module lookup disabled by GOPROXY=off"):
		shown += "\nnothing is downloaded here: run go mod download first"
	case strings.Contains(text, "provides package github.com/otelsli/otelsli-go"):
		shown += "\nits module does not use otelsli, so it declares no SLIs"
	}
	return shown
}

// execute runs the program, which exits as soon as it has written the catalog.
func (r Reader) execute(ctx context.Context, program, out string, p goPackage) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program)
	cmd.Dir = p.Dir
	cmd.Env = append(cmd.Environ(), outVariable+"="+out, "OTEL_SDK_DISABLED=true")
	if _, err := output(ctx, cmd); err != nil {
		return nil, fmt.Errorf("fails during initialisation: %w", err)
	}
	data, err := os.ReadFile(out) //nolint:gosec // in our temporary directory
	if err != nil {
		return nil, errors.New("exits during initialisation, before all SLIs are declared: use the URL of a running service instead")
	}
	if bytes.Contains(data, []byte(`"slis":[]`)) {
		return nil, errors.New("declares no SLI in a package-level variable; to see those declared at run time, read a running service, such as http://127.0.0.1:9464")
	}
	return data, nil
}
