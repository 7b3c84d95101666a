package setup

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// caller returns the place that called this package, as " at shop/main.go:42", or "" if it is not
// known. It shows only the last two elements of the path.
func caller() string {
	var counters [32]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, packagePath+".") {
			return at(frame)
		}
		if !more {
			return ""
		}
	}
}

// packagePath is the import path of this package.
const packagePath = "github.com/otelsli/otelsli-go/otelsli/setup"

func at(frame runtime.Frame) string {
	if frame.File == "" {
		return ""
	}
	dir, file := filepath.Split(filepath.ToSlash(frame.File))
	return fmt.Sprintf(" at %s/%s:%d", filepath.Base(dir), file, frame.Line)
}
