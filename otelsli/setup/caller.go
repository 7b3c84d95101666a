package setup

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// caller says who has called this package, as " at shop/main.go:42", and "" where that is not known. It
// shows no more of a path than its last two elements.
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

// packagePath is that of this package.
const packagePath = "github.com/otelsli/otelsli-go/otelsli/setup"

func at(frame runtime.Frame) string {
	if frame.File == "" {
		return ""
	}
	dir, file := filepath.Split(filepath.ToSlash(frame.File))
	return fmt.Sprintf(" at %s/%s:%d", filepath.Base(dir), file, frame.Line)
}
