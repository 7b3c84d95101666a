package sliprom

import (
	"net/http"
	"strconv"
	"time"
)

// scrapeTimeoutHeader is sent by Prometheus with every scrape: its timeout, in seconds. Clients that
// send it are treated as scrapers.
const scrapeTimeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// minScrapeTimeout is the lower bound for a scraper's timeout; smaller values are raised to it.
const minScrapeTimeout = 100 * time.Millisecond

// Handler serves the SLIs and the metrics of all siblings, in the format and compression that the
// client negotiates: text, OpenMetrics or protobuf. The query parameter name[] selects metrics by
// name. Requests with the timeout header of Prometheus come from scrapers; only for them does the
// hold of a new series depend on what they have seen: see the package documentation. All handlers of
// an exporter share its limit of concurrent scrapes.
func (e *Exporter) Handler() http.Handler { return http.HandlerFunc(e.serveMetrics) }

func (e *Exporter) serveMetrics(w http.ResponseWriter, r *http.Request) {
	scrape := e.answer(w, r)
	for _, observe := range e.config.observers {
		observe(scrape)
	}
}

func (e *Exporter) answer(w http.ResponseWriter, r *http.Request) Scrape {
	patience, isScraper := scrapeTimeout(r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "want GET or HEAD", http.StatusMethodNotAllowed)
		return Scrape{Status: http.StatusMethodNotAllowed, Scraper: isScraper}
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
		return e.serveScrape(w, r, patience, isScraper)
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many concurrent scrapes", http.StatusServiceUnavailable)
		return Scrape{Status: http.StatusServiceUnavailable, Scraper: isScraper}
	}
}

// serveScrape holds nothing of the catalog while it writes to the client.
func (e *Exporter) serveScrape(w http.ResponseWriter, r *http.Request, patience time.Duration, isScraper bool) Scrape {
	began, mark := time.Now(), e.drains.now()
	gather, write := e.config.siblingTimeout, e.config.writeTimeout
	if isScraper {
		gather, write = min(gather, patience/2), min(write, patience)
	}

	want := variantFor(r)
	out := newResponse(int(e.size.Load()))
	defer out.free()
	s := e.lease()
	v := s.collect(want.form(), isScraper, gather)
	s.render(out, &want)
	hasSLIs := s.hasSLIs(&want)
	scrape := Scrape{Duration: time.Since(began), Status: http.StatusOK, Scraper: isScraper, Series: s.series}
	e.release(s)

	scrape.Err = out.send(w, write)
	if scrape.Err == nil && isScraper && r.Method == http.MethodGet {
		if hasSLIs {
			e.door.delivered(v)
		}
		e.drains.scraped(mark, r.RemoteAddr)
	}
	return scrape
}

// scrapeTimeout returns the timeout of the scraper, and false if the client is not a scraper.
func scrapeTimeout(r *http.Request) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(r.Header.Get(scrapeTimeoutHeader), 64)
	if err != nil || !(seconds > 0 && seconds < time.Hour.Seconds()) { // also rejects NaN
		return 0, false
	}
	return max(time.Duration(seconds*float64(time.Second)), minScrapeTimeout), true
}
