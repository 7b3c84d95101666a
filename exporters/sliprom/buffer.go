package sliprom

import "unicode/utf8"

// A buffer is an in-memory writer that never fails. It has the methods that let the encoders of
// expfmt work without a buffer of their own.
type buffer []byte

// Write implements [io.Writer].
func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// WriteString implements [io.StringWriter].
func (b *buffer) WriteString(s string) (int, error) {
	*b = append(*b, s...)
	return len(s), nil
}

// WriteByte implements [io.ByteWriter].
func (b *buffer) WriteByte(c byte) error {
	*b = append(*b, c)
	return nil
}

// WriteRune appends r as UTF-8.
func (b *buffer) WriteRune(r rune) (int, error) {
	before := len(*b)
	*b = utf8.AppendRune(*b, r)
	return len(*b) - before, nil
}
