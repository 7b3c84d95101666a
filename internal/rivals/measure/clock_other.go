//go:build !unix

package measure

import "time"

// cpuTime returns the time on the clock: that of the CPU is not known here.
func cpuTime() time.Duration { return time.Since(begun) }
