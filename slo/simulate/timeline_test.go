package simulate_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

func TestTimeline(t *testing.T) {
	t.Parallel()
	in := simulate.Incident{
		{Lasts: time.Minute, Rate: 2, Failed: 0.5},
		{Lasts: time.Minute},
		{Lasts: time.Minute, Rate: 4, Slow: 0.25, Ignored: 0.25},
	}
	timeline := simulate.NewTimeline(in, 10*time.Second)
	for at, want := range map[time.Duration]otelsli.Counts{
		-time.Hour:        {},
		-10 * time.Second: {},
		-5 * time.Second:  {otelsli.Success: 10},
		0:                 {otelsli.Success: 20},
		30 * time.Second:  {otelsli.Success: 50, otelsli.Failed: 30},
		time.Minute:       {otelsli.Success: 80, otelsli.Failed: 60},
		2 * time.Minute:   {otelsli.Success: 80, otelsli.Failed: 60},
		3 * time.Minute:   {otelsli.Success: 200, otelsli.Failed: 60, otelsli.Slow: 60, otelsli.Ignored: 60},
		4 * time.Minute:   {otelsli.Success: 440, otelsli.Failed: 60, otelsli.Slow: 60, otelsli.Ignored: 60},
	} {
		if diff := cmp.Diff(want, timeline.At(at)); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", at, diff)
		}
	}
}

// An idle service is idle before and after, too.
func TestTimelineWithoutTraffic(t *testing.T) {
	t.Parallel()
	timeline := simulate.NewTimeline(simulate.Incident{{Lasts: time.Hour}}, time.Hour)
	if got := timeline.At(100 * time.Hour); got != (otelsli.Counts{}) {
		t.Errorf("%v", got)
	}
}

// Counters never fall, and count every event once.
func FuzzTimeline(f *testing.F) {
	f.Add(2.5, 0.3, 0.1, int64(60), int64(90))
	f.Add(1e6, 1.0, 0.0, int64(1), int64(1))
	f.Fuzz(func(t *testing.T, rate, failed, slow float64, lasts, more int64) {
		if !(rate >= 0 && rate < 1e6) || !(failed >= 0 && slow >= 0 && failed+slow <= 1) || lasts <= 0 || lasts > 1e5 || more <= 0 || more > 1e5 {
			t.Skip()
		}
		in := simulate.Incident{{Lasts: time.Duration(lasts) * time.Second, Rate: rate, Failed: failed, Slow: slow}, {Lasts: time.Duration(more) * time.Second, Rate: rate / 2}}
		timeline := simulate.NewTimeline(in, time.Minute)
		var last otelsli.Counts
		end := in.Lasts()
		for at := -time.Minute; at <= end; at += max(time.Second, (end+time.Minute)/50) {
			now := timeline.At(at)
			for o := range now {
				if now[o] < last[o] {
					t.Fatalf("%v: %v falls to %v", at, last, now)
				}
			}
			last = now
		}
		var all int64
		for _, n := range timeline.At(end) {
			all += n
		}
		want := rate*60 + rate*float64(lasts) + rate/2*float64(more)
		if math.Abs(float64(all)-want) > 5 {
			t.Errorf("%d events, want %v", all, want)
		}
	})
}
