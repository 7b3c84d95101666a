// Package lastexport marks the context of the last export.
//
//	err := pipeline.Shutdown(lastexport.With(ctx)) // the caller of Shutdown
//	…
//	if lastexport.Is(ctx) { … } // the exporter
//
// # Why
//
// An exporter whose receiver has asked it to wait can do so, because the next export includes what
// it does not send now. The last export has no next one, and an exporter cannot tell from its calls
// which export is the last: Shutdown comes after it.
//
// # Why a context
//
// It passes through everything between the caller of Shutdown and the exporter, such as a pipeline
// that derives the context of its last round from that of its Shutdown. Code that does not know the
// mark loses only a last export to a receiver that has asked to wait.
//
// # Concurrency and cost
//
// A context is safe for concurrent use. The mark is one value, looked up once per export.
package lastexport

import "context"

type key struct{}

// With returns ctx marked as the context of the last export.
func With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is reports whether ctx is marked as that of the last export.
func Is(ctx context.Context) bool { return ctx.Value(key{}) != nil }
