package work

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every rival of a case must do the same work: what came of it is compared with ours.
func TestRivalsDoTheSameWork(t *testing.T) {
	t.Parallel()
	const times = 96 // so that eight goroutines have the same share
	for _, c := range All([]int{100}) {
		if c.Memory {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			want := ""
			for i, r := range c.Rivals {
				s := r.Make()
				s.Run(times)
				got := ""
				if s.Result != nil {
					got = s.Result()
				}
				s.Close()
				if i == 0 {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s has not done what %s did (-%s +%s):\n%s", r.Name, c.Rivals[0].Name, c.Rivals[0].Name, r.Name, diff)
				}
			}
			t.Log(want)
		})
	}
}
