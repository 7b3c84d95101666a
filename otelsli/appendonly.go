package otelsli

import "sync/atomic"

// appendOnly is a list that can be read without a lock while it grows.
type appendOnly[T any] struct{ p atomic.Pointer[[]T] }

// load returns a snapshot of the list, which does not change.
func (l *appendOnly[T]) load() []T {
	if p := l.p.Load(); p != nil {
		return *p
	}
	return nil
}

// add appends v. Callers must serialise calls to add.
func (l *appendOnly[T]) add(v T) {
	grown := append(l.load(), v)
	l.p.Store(&grown)
}
