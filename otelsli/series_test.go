package otelsli_test

import (
	"fmt"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// TestSeriesFillACacheLine: two series in one line would slow down the goroutines that count there.
func TestSeriesFillACacheLine(t *testing.T) {
	t.Parallel()
	const line = 64
	if otelsli.SeriesSize != line {
		t.Errorf("a series has %d bytes, want %d", otelsli.SeriesSize, line)
	}
	s := declare[pair](t, quiet(), checkout(), nil, otelsli.WithUndeclaredLimit(1000))
	for i := range 1000 {
		if b := s.With(pair{"web", fmt.Sprint(i)}); b.Address()%line != 0 {
			t.Fatalf("series %d is at %#x, not at a multiple of %d", i, b.Address(), line)
		}
	}
}
