// Package lastexport marks the context of the last export that there will be.
//
//	err := pipeline.Shutdown(lastexport.With(ctx)) // whoever shuts down
//	…
//	if lastexport.Is(ctx) { … } // the exporter
//
// # Why
//
// An exporter whose receiver has asked it to wait can wait, for what it does not send now is in the
// next export. The last export has no next one, and an exporter cannot see from its calls which one
// is the last: Shutdown comes after it.
//
// # Why a context
//
// It passes through whatever lies between who shuts down and the exporter, such as a pipeline that
// gives its last round a context made from that of its Shutdown. Who does not know of the mark loses
// nothing but the last export to a receiver that has asked to wait.
//
// # Concurrency and cost
//
// A context is safe for concurrent use. The mark is one value, looked for once per export.
package lastexport

import "context"

type key struct{}

// With returns a context of the last export.
func With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is reports whether ctx is that of the last export.
func Is(ctx context.Context) bool { return ctx.Value(key{}) != nil }
