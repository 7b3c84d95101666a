//go:build race

package e2e

import "time"

const (
	// together is how many rows run at the same time. The race detector makes each of them several times as costly.
	together = 3

	// shutdownDeadline is that of Shutdown while the backend fails.
	shutdownDeadline = 1500 * time.Millisecond

	// longScrape is the time for a scrape of ten megabytes.
	longScrape = 8 * time.Second
)
