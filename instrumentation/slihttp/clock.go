package slihttp

import "time"

// An instant is a reading of the monotonic clock, as the time since a point before the program
// began. Unlike [time.Now], it does not read the wall clock as well.
type instant time.Duration

var beforeMain = time.Now()

func now() instant { return instant(time.Since(beforeMain)) }

// elapsed returns the time since i.
func (i instant) elapsed() time.Duration { return time.Duration(now() - i) }

// wall returns the wall-clock time at i.
func (i instant) wall() time.Time { return time.Now().Add(-i.elapsed()) }
