package sliprom

import "time"

// A Scrape is one request for the metrics and its answer, as an observer is told of it.
type Scrape struct {
	// Duration is how long it took until the response was complete in memory: to collect the SLIs, to
	// wait for the siblings, to encode and compress. What the client takes to read it is not in it. It
	// is 0 where the request was refused.
	Duration time.Duration

	// Status is that of the response: 200, or 405 for a wrong method, or 503 where too many scrapes
	// are being served.
	Status int

	// Scraper says that the client is one, and not a browser, for example: see the package.
	Scraper bool

	// Series is the number of time series of SLIs that were collected, whichever of them the client
	// asked for, and 0 where the request was refused.
	Series int

	// Err is why the response did not leave completely, nil if it did.
	Err error
}

// WithScrapeObserver calls observe at the end of each request for the metrics, whatever came of it. It
// is called by several goroutines at once and before the handler returns, so it should be quick. It adds
// up if it is given more than once, in that order. Default and nil: nobody is told.
func WithScrapeObserver(observe func(Scrape)) Option {
	return optionFunc(func(c *config) {
		if observe != nil {
			c.observers = append(c.observers, observe)
		}
	})
}
