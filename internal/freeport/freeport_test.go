package freeport

import (
	"net"
	"testing"
)

func TestAddr(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 200 {
		addr, err := Addr()
		if err != nil {
			t.Fatal(err)
		}
		if seen[addr] {
			t.Fatalf("%s for the second time", addr)
		}
		seen[addr] = true
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // it stays taken
	}
}
