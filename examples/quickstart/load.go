package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// A visit is one kind of request in the load.
type visit struct {
	weight int
	method string
	path   func() string
	body   func() string
}

func path(p string) func() string { return func() string { return p } }

// visits is what customers do, the most frequent first.
var visits = []visit{
	{weight: 40, method: http.MethodGet, path: path("/products")},
	{weight: 30, method: http.MethodGet, path: func() string { return fmt.Sprintf("/products/%d", rand.IntN(110)) }},
	{weight: 12, method: http.MethodGet, path: path("/recommendations")},
	{weight: 12, method: http.MethodPost, path: path("/orders"), body: randomOrder},
	{weight: 4, method: http.MethodGet, path: func() string { return fmt.Sprintf("/orders/%d/events", rand.IntN(1000)) }},
	{weight: 2, method: http.MethodGet, path: path("/wp-login.php")}, // strangers come too
}

func randomOrder() string {
	return fmt.Sprintf(`{"channel":%q,"tier":%q}`, pick(channels), pick(tiers))
}

func pick[T any](from []T) T { return from[rand.IntN(len(from))] }

// generate sends the shop the given number of requests per second until ctx is cancelled, and
// returns when the last answer has arrived. At most maxInFlight requests run at once, so a slow
// shop gets fewer.
func generate(ctx context.Context, base string, perSecond int) {
	if perSecond <= 0 {
		<-ctx.Done()
		return
	}
	const maxInFlight = 256
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: maxInFlight},
	}
	defer client.CloseIdleConnections()
	slots := make(chan struct{}, maxInFlight)
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			for range maxInFlight { // wait for the running requests
				slots <- struct{}{}
			}
			return
		case <-ticker.C:
		}
		select {
		case slots <- struct{}{}:
			go func() {
				defer func() { <-slots }()
				request(context.WithoutCancel(ctx), client, base, choose()) // a visit that has begun continues
			}()
		default:
		}
	}
}

func choose() visit {
	total := 0
	for _, v := range visits {
		total += v.weight
	}
	n := rand.IntN(total)
	for _, v := range visits {
		if n -= v.weight; n < 0 {
			return v
		}
	}
	return visits[0]
}

// request makes one visit. Error responses are the point of the example; the shop counts them.
func request(ctx context.Context, client *http.Client, base string, v visit) {
	var body io.Reader
	if v.body != nil {
		body = strings.NewReader(v.body())
	}
	req, err := http.NewRequestWithContext(ctx, v.method, base+v.path(), body)
	if err != nil {
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, bufio.NewReader(resp.Body))
}
