// Package source reads the catalog that a command works on from a Go package, a running service, a
// file or standard input.
//
//	reader := source.Reader{Stdin: os.Stdin, Timeout: 2 * time.Minute}
//	description, err := reader.Read(ctx, "./examples/quickstart")
//
// # Sources
//
//   - JSON on standard input
//     http://127.0.0.1:9464             a running service: its /slis.json
//     https://shop/internal/slis.json   the same, at another path
//     slis.json                         a file
//     ./cmd/shop, example.com/shop      a Go package
//
// # Go packages
//
// SLIs in package-level variables exist before main starts. The package is therefore built with an
// overlay (go build -overlay) that adds one file. The init function of that file runs after all
// variables are initialised, writes the description of the default catalog, and exits. To read a
// library, the overlay adds a command inside its directory that imports it, so internal packages work
// too. Files are written only to a temporary directory, which is removed.
//
// Nothing is downloaded, and main does not run. Variables are initialised, however, and the init
// functions of the package and its imports run, with all their side effects, as they would for a
// test. The process runs with OTEL_SDK_DISABLED=true.
//
// SLIs declared at run time, such as the routes of slihttp.NewMux, do not exist yet at that point. To
// see them, read the URL of a running service.
//
// # Concurrency
//
// A Reader is safe for concurrent use.
package source
