package slihttp

import "time"

// An instant is a reading of the monotonic clock, as the time since some point before the program
// began. Unlike [time.Now] it does not cost a reading of the wall clock beside it.
type instant time.Duration

var beforeMain = time.Now()

func now() instant { return instant(time.Since(beforeMain)) }

// elapsed returns the time since i.
func (i instant) elapsed() time.Duration { return time.Duration(now() - i) }

// wall returns what time it was then.
func (i instant) wall() time.Time { return time.Now().Add(-i.elapsed()) }
