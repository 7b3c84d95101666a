package sliotlp

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// An answer is an HTTP response that is not a success.
type answer struct {
	status int
	text   string // the beginning of its body, as it came; "" if that is not readable text
}

func (a *answer) Error() string {
	text := strings.TrimSpace(strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	if a.text != "" {
		text += ": " + a.text
	}
	return text
}

// A witness is a transport that records the outcome of each attempt.
type witness struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	a := attemptsOf(r.Context())
	a.begin()
	response, err := w.next.RoundTrip(r)
	switch {
	case err != nil:
		a.fail(r.Context(), err)
		return nil, err
	case response.StatusCode >= 200 && response.StatusCode <= 299:
		a.accept()
		return response, nil
	}
	a.fail(r.Context(), readAnswer(response))
	if passing(response.StatusCode) && !a.ask(retryAfter(response.Header.Get("Retry-After"))) {
		_ = response.Body.Close()
		return nil, errFutile
	}
	return response, nil
}

// passing reports whether a request that got this status is retried.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter parses a Retry-After header: seconds, or a date. It returns 0 if it cannot.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(24*time.Hour/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return time.Until(date)
	}
	return 0
}

// maxBody is how much of a response body is kept, in bytes.
const maxBody = 4 << 10

// readAnswer reads the beginning of a response and leaves the whole body to be read.
func readAnswer(r *http.Response) *answer {
	head, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // whatever can be read
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	return &answer{status: r.StatusCode, text: bodyText(r.Header.Get("Content-Type"), head)}
}

// bodyText returns the human-readable part of a body. By the specification a body is a protobuf
// Status; most proxies send text.
func bodyText(contentType string, body []byte) string {
	if typ, _, _ := mime.ParseMediaType(contentType); typ == "application/x-protobuf" {
		var s rpcstatus.Status
		if proto.Unmarshal(body, &s) != nil {
			return ""
		}
		return s.GetMessage()
	}
	if len(body) == maxBody { // possibly cut within a character
		body = []byte(strings.ToValidUTF8(string(body), ""))
	}
	if !utf8.Valid(body) {
		return ""
	}
	return strings.TrimSpace(string(body))
}
