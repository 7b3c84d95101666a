// Package contract is a test suite for what every pipeline promises: the push pipeline, the
// Prometheus endpoint and Catalog.Register must show the same names, attributes and values for the
// same catalog.
package contract
