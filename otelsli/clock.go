package otelsli

import "time"

// An instant is a reading of the monotonic clock, as the time since a point before the program
// began. Unlike [time.Now], it does not read the wall clock as well. The zero value means unset.
type instant time.Duration

var beforeMain = time.Now().Add(-1)

func now() instant { return instant(time.Since(beforeMain)) }

// elapsed returns the time since i.
func (i instant) elapsed() time.Duration { return time.Duration(now() - i) }
