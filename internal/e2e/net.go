package e2e

import (
	"testing"

	"github.com/otelsli/otelsli-go/internal/freeport"
)

// FreeAddr returns an address of 127.0.0.1 with a TCP port that nothing listens on, never the same one twice, and that
// nobody else gets meanwhile who lets the system choose.
func FreeAddr(t testing.TB) string {
	t.Helper()
	addr, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}
