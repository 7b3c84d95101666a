package slisdk

import (
	"errors"
	"regexp"
	"strconv"
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

// partialPrefix is the beginning of the text of a partial success of the OTLP exporters. The error's
// type is internal to each of them, so only the text identifies it.
const partialPrefix = "OTLP partial success: "

var rejectedItems = regexp.MustCompile(`\((\d+) [^()]* rejected\)$`)

// partialSuccess reports whether the receiver accepted the request and rejected only a part of it.
// If rejected is 0, the error is only a warning.
func partialSuccess(err error) (rejected int64, ok bool) {
	switch e := err.(type) { //nolint:errorlint // this walks the wrapped errors itself
	case nil:
		return 0, false
	case interface{ Unwrap() error }:
		if rejected, ok = partialSuccess(e.Unwrap()); ok {
			return rejected, true
		}
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if n, partial := partialSuccess(err); partial {
				rejected, ok = rejected+n, true
			}
		}
		return rejected, ok
	}
	text, ok := strings.CutPrefix(err.Error(), partialPrefix)
	if n := rejectedItems.FindStringSubmatch(text); ok && n != nil {
		rejected, _ = strconv.ParseInt(n[1], 10, 64)
	}
	return rejected, ok
}
