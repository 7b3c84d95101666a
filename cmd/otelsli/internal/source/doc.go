// Package source reads the catalog that a command works on: from a Go package, a running service, a
// file or the standard input.
//
//	reader := source.Reader{Stdin: os.Stdin, Timeout: 2 * time.Minute}
//	description, err := reader.Read(ctx, "./examples/quickstart")
//
// # Sources
//
//   - JSON on the standard input
//     http://127.0.0.1:9464             a running service: its /slis.json
//     https://shop/internal/slis.json   the same, at another path
//     slis.json                         a file
//     ./cmd/shop, example.com/shop      a Go package
//
// # Go packages
//
// SLIs that are package-level variables exist before main begins. So a file is laid over the package
// (go build -overlay) whose init function runs after all variables, writes what the default catalog
// describes, and ends the process. A package that is no command is imported by a command that is
// laid over its module, where it may import internal packages too. No file is written outside a
// temporary directory, which is removed.
//
// Nothing is downloaded, and main does not run. But variables are initialised, and the init functions
// of the package and of what it imports run, as for a test: what they do is done. The environment
// of the process has OTEL_SDK_DISABLED=true.
//
// What a constructor declares, such as the routes of slihttp.NewMux, is not there yet. A running
// service has it: read its URL.
//
// # Concurrency
//
// A Reader may be used by several goroutines at once.
package source
