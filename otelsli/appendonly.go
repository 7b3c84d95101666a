package otelsli

import "sync/atomic"

// appendOnly is a list that is read without a lock while it grows.
type appendOnly[T any] struct{ p atomic.Pointer[[]T] }

// load returns the list as it is now; what it returns does not change.
func (l *appendOnly[T]) load() []T {
	if p := l.p.Load(); p != nil {
		return *p
	}
	return nil
}

// add appends. Calls of add must exclude each other.
func (l *appendOnly[T]) add(v T) {
	grown := append(l.load(), v)
	l.p.Store(&grown)
}
