package rules

import (
	"strings"
	"time"
)

// Duration formats a duration of whole milliseconds as in PromQL and in the names of records: 5m,
// 1h30m, 30d.
func Duration(d time.Duration) string {
	if d <= 0 {
		return "0s"
	}
	var b strings.Builder
	if days := d / day; days > 0 {
		b.WriteString(decimal(int64(days)) + "d")
		d %= day
	}
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / unit.size; n > 0 {
			b.WriteString(decimal(int64(n)) + unit.name)
			d %= unit.size
		}
	}
	return b.String()
}
