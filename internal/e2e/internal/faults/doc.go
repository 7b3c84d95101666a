// Package faults puts misbehaviour between a program and a real server, on the loopback and on demand.
//
//	proxy := faults.NewProxy(t, collector.GRPC)
//	start(proxy.Addr())              // all is well
//	proxy.Set(faults.BlackHole())    // it accepts, and reads nothing any more
//	…
//	proxy.Set(faults.None())         // the connections that are left go on
//
// # Which one
//
//   - [Proxy] misbehaves as TCP does: it refuses, is silent, slow, or breaks off in the middle. It works for every
//     protocol.
//   - [OTLP] misbehaves as a receiver of OTLP does, by HTTP and by gRPC: it is overloaded, asks for patience, takes a
//     part, refuses the token.
//   - [Authority] issues the certificates that are right, or are somebody else's.
//
// Each passes what it does not hold up on to a server, so that what has arrived is counted by a real one.
//
// # When a fault ends
//
// What was refused or broken off has to be connected anew. What was held up goes on: bytes that a black hole has in its
// buffers arrive after all, also those of a request that its sender has given up. That is what a process does that was
// stopped and goes on, and it is the reason why a timeout does not mean that nothing has arrived.
//
// # Concurrency
//
// All methods may be called by several goroutines at once. Everything ends with the test that it was made for.
package faults
