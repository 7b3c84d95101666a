package lastexport_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/lastexport"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ctx  context.Context
		want bool
	}{
		"unmarked": {t.Context(), false},
		"marked":   {lastexport.With(t.Context()), true},
		"derived":  {derived(t, lastexport.With(t.Context())), true},
		"outer":    {derived(t, t.Context()), false},
	} {
		if got := lastexport.Is(test.ctx); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func derived(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ExampleIs() {
	fmt.Println(lastexport.Is(lastexport.With(context.Background())))
	// Output: true
}
