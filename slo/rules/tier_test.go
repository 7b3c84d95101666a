package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

func ExampleStandardTiers() {
	for _, period := range []time.Duration{7 * day, 30 * day, 90 * day} {
		fmt.Println(rules.Duration(period))
		for _, t := range rules.StandardTiers(period) {
			fmt.Printf("  %-11s  burn rate above %4v over %5s and %5s\n", t.Name, t.Factor, rules.Duration(t.Long), rules.Duration(t.Short))
		}
	}
	// Output:
	// 7d
	//   page-fast    burn rate above 14.4 over   15m and    5m
	//   page-slow    burn rate above    6 over 1h30m and    8m
	//   ticket-fast  burn rate above    3 over    6h and   30m
	//   ticket-slow  burn rate above    1 over   18h and 1h30m
	// 30d
	//   page-fast    burn rate above 14.4 over    1h and    5m
	//   page-slow    burn rate above    6 over    6h and   30m
	//   ticket-fast  burn rate above    3 over    1d and    2h
	//   ticket-slow  burn rate above    1 over    3d and    6h
	// 90d
	//   page-fast    burn rate above 14.4 over    3h and   15m
	//   page-slow    burn rate above    6 over   18h and 1h30m
	//   ticket-fast  burn rate above    3 over    3d and    6h
	//   ticket-slow  burn rate above    1 over    9d and   18h
}

// The shares of the budget that the Workbook names hold for every period, within 10 %.
func TestShares(t *testing.T) {
	t.Parallel()
	want := []float64{0.02, 0.05, 0.1, 0.1}
	for _, period := range []time.Duration{7 * day, 14 * day, 28 * day, 30 * day, 31 * day, 60 * day, 90 * day} {
		for i, tier := range rules.StandardTiers(period) {
			share := tier.Share(period)
			if share < want[i]*0.9 || share > want[i]*1.1 {
				t.Errorf("%v: %s fires at %.4f of the budget, want about %v", period, tier.Name, share, want[i])
			}
			if tier.Short < 5*time.Minute || tier.Short >= tier.Long {
				t.Errorf("%v: %s has windows %v and %v", period, tier.Name, tier.Long, tier.Short)
			}
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", -1: "0s", 5 * time.Minute: "5m", 90 * time.Minute: "1h30m", 30 * day: "30d", 36 * time.Hour: "1d12h",
		1500 * time.Millisecond: "1s500ms", time.Nanosecond: "",
	} {
		if got := rules.Duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// What is written reads back: Go knows all units but days.
func FuzzDuration(f *testing.F) {
	f.Add(int64(5 * time.Minute / time.Millisecond))
	f.Fuzz(func(t *testing.T, ms int64) {
		d := time.Duration(ms) * time.Millisecond
		if ms <= 0 || d/time.Millisecond != time.Duration(ms) {
			t.Skip()
		}
		days, rest, found := strings.Cut(rules.Duration(d), "d")
		if !found {
			days, rest = "0", days
		}
		var n int64
		if _, err := fmt.Sscan(days, &n); err != nil {
			t.Fatal(err)
		}
		back, err := time.ParseDuration("0s" + rest)
		if err != nil || back+time.Duration(n)*day != d {
			t.Errorf("%v is written as %q", d, rules.Duration(d))
		}
	})
}
