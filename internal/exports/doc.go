// Package exports checks what the packages of slo write for other programs by those programs' own
// code, which is kept out of the module graph of everybody else: every dashboard is decoded by
// Grafana's library, strictly, so that an unknown field, a missing one or one of a wrong type fails.
//
// # Running
//
//	go test ./...
//
// # Why not the library itself
//
// The dashboards could be built by that library. Its types are generated for one version of Grafana
// and hold a thousand fields, and every program that generates a dashboard would link them. What is
// written is a page of types.
package exports
