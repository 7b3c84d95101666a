//go:build !race

package e2e

import "time"

const (
	// together is how many rows run at the same time. They sleep most of the time.
	together = 12

	// shutdownDeadline is that of Shutdown while the backend fails.
	shutdownDeadline = time.Second

	// longScrape is the time for a scrape of ten megabytes.
	longScrape = 2 * time.Second
)
