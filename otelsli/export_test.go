package otelsli

import "unsafe"

// What tests see of the inside: sizes that bound memory and speed.

const (
	SeriesSize     = unsafe.Sizeof(series{})
	SeriesInfoSize = unsafe.Sizeof(seriesInfo{})
)

// Address returns where the cells of b are.
func (b Bound) Address() uintptr { return uintptr(unsafe.Pointer(b.series)) }

// IndexKeys returns the labels that s finds without taking a lock.
func IndexKeys[L comparable](s *SLI[L]) []L {
	var keys []L
	for l := range *s.index.Load() {
		keys = append(keys, l)
	}
	return keys
}

// SnakeCase is snakeCase.
func SnakeCase(name string) string { return snakeCase(name) }
