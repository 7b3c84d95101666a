package sliprom

import "time"

// A Scrape describes one request for the metrics and its response, for an observer.
type Scrape struct {
	// Duration is the time until the response was complete in memory: collecting the SLIs, waiting for the
	// siblings, encoding and compressing. It does not include the time that the client took to read it. It
	// is 0 if the request was refused.
	Duration time.Duration

	// Status is the HTTP status: 200, 405 for a wrong method, or 503 if too many scrapes were in progress.
	Status int

	// Scraper reports whether the client is a scraper and not, for example, a browser: see the package
	// documentation.
	Scraper bool

	// Series is the number of SLI time series that were collected, regardless of which ones the client
	// selected; 0 if the request was refused.
	Series int

	// Err is the reason why the response was not sent completely, nil if it was.
	Err error
}

// WithScrapeObserver calls observe at the end of each request for the metrics, whatever its outcome. It
// is called concurrently and before the handler returns, so it should be quick. Repeated uses
// accumulate; observers are called in that order. Default (and nil): none.
func WithScrapeObserver(observe func(Scrape)) Option {
	return optionFunc(func(c *config) {
		if observe != nil {
			c.observers = append(c.observers, observe)
		}
	})
}
