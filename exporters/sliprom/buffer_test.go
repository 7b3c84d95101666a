package sliprom

import (
	"errors"
	"io"
	"testing"
)

func TestBuffer(t *testing.T) {
	t.Parallel()
	var b buffer
	for _, write := range []func() (int, error){
		func() (int, error) { return b.Write([]byte("ab")) },
		func() (int, error) { return b.WriteString("cd") },
		func() (int, error) { return 2, errors.Join(b.WriteByte('e'), b.WriteByte('f')) },
		func() (int, error) { return b.WriteRune('é') },
		func() (int, error) { n, err := io.WriteString(&b, "gh"); return n, err },
	} {
		if n, err := write(); n != 2 || err != nil {
			t.Errorf("wrote %d: %v", n, err)
		}
	}
	if string(b) != "abcdefégh" {
		t.Errorf("got %q", b)
	}
}
