package otelsli

import "time"

// An instant is a reading of the monotonic clock, as the time since some point before the program
// began. Unlike [time.Now] it does not cost a reading of the wall clock beside it. Zero is none.
type instant time.Duration

var beforeMain = time.Now().Add(-1)

func now() instant { return instant(time.Since(beforeMain)) }

// elapsed returns the time since i.
func (i instant) elapsed() time.Duration { return time.Duration(now() - i) }
