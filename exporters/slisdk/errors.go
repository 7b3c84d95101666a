package slisdk

import (
	"errors"
	"slices"
	"strings"
)

// ErrShutdown is returned by [Pipeline.Flush] once [Pipeline.Shutdown] has been called.
var ErrShutdown = errors.New("the pipeline is shut down")

var (
	errHung      = errors.New("has not returned, the SLIs are exported without it")
	errBusy      = errors.New("an export before it has not returned")
	errAbandoned = errors.New("has not returned in time and is abandoned")
	errVanished  = errors.New("ended its goroutine instead of returning")
)

// isPartialSuccess reports whether the receiver took the request and rejected only a part of it.
// The OTLP exporters' error type for this is internal to each of them; its text is all that there
// is to see.
func isPartialSuccess(err error) bool {
	switch e := err.(type) { //nolint:errorlint // this is the walk over what is wrapped
	case nil:
		return false
	case interface{ Unwrap() error }:
		if isPartialSuccess(e.Unwrap()) {
			return true
		}
	case interface{ Unwrap() []error }:
		if slices.ContainsFunc(e.Unwrap(), isPartialSuccess) {
			return true
		}
	}
	return strings.HasPrefix(err.Error(), "OTLP partial success: ")
}
