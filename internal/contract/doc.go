// Package contract holds what every way out of the process promises, as one suite of tests: the
// push pipeline, the Prometheus endpoint and Catalog.Register must show the same names,
// attributes and values for the same catalog.
package contract
