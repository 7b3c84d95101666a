package work

// counters are what a library counts events of series with, for loops of several kinds.
type counters interface {
	// bound returns a loop that counts events of series i, resolved beforehand.
	bound(i int) func(n int)

	// labelled returns a loop that counts an event of each of the series in turn, found by their
	// labels at each event. Their number is a power of two.
	labelled(series []Labels) func(n int)

	// counted returns the number of events, in all series.
	counted() int64
}

// A contender makes the counters of so many series.
type contender struct {
	name string
	make func(series int) counters
}

// contenders count events. Ours is the first, the limit the second.
var contenders = []contender{
	{Ours, newOurs},
	{Limit, newAtomics},
	{ClientGolang, newProm},
	{VictoriaMetrics, newVictoria},
	{OTel, func(n int) counters { return newOTel(n, 1) }},
	{OTel3, func(n int) counters { return newOTel(n, 3) }},
	{Hashicorp, newHashicorp},
}
