package sliprom

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Responses are of one client each, however often they are used, and each is complete.
func TestResponsesAreUsedAgain(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	first := get(t, e.Handler(), acceptText)
	for range 20 {
		zipped := httptest.NewRecorder()
		e.Handler().ServeHTTP(zipped, scrapeRequest(http.Header{"Accept": {acceptText}, "Accept-Encoding": {"gzip"}}))
		if zipped.Header().Get("Content-Length") != strconv.Itoa(zipped.Body.Len()) || unzip(t, zipped.Body.Bytes()) != first {
			t.Fatal("the compressed response differs")
		}
		w := httptest.NewRecorder()
		e.Handler().ServeHTTP(w, scrapeRequest(http.Header{"Accept": {acceptText}}))
		if w.Header().Get("Content-Encoding") != "" || !bytes.Equal(w.Body.Bytes(), []byte(first)) {
			t.Fatal("a response without compression differs")
		}
	}
}

// What has no memory to use again gets all of it at once.
func TestResponseHasRoom(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	body := get(t, e.Handler(), acceptText)
	do(t, e.Handler(), http.Header{"Accept": {acceptText}, "Accept-Encoding": {"gzip"}})
	e.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics?name[]=sli_pay_total", nil))
	if got := int(e.size.Load()); got != len(body) {
		t.Errorf("the next body is expected to have %d bytes, want %d", got, len(body))
	}
	for _, size := range []int{0, 1, 1 << 20, 1 << 21, 5} {
		r := newResponse(size)
		if len(r.body) != 0 || cap(r.body) < size {
			t.Errorf("room for %d: length %d, capacity %d", size, len(r.body), cap(r.body))
		}
		r.free()
	}
}

// brokenWriter is a connection whose deadline, write or flush fails.
type brokenWriter struct {
	httptest.ResponseRecorder
	deadline, write, flush error
	deadlines              []time.Time
}

func (w *brokenWriter) SetWriteDeadline(t time.Time) error {
	w.deadlines = append(w.deadlines, t)
	return w.deadline
}

func (w *brokenWriter) FlushError() error           { return w.flush }
func (w *brokenWriter) Write(b []byte) (int, error) { return len(b), w.write }

func TestSendReportsEveryFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, w := range map[string]*brokenWriter{
		"deadline": {deadline: broken}, "write": {write: broken}, "flush": {flush: broken},
	} {
		r := newResponse(0)
		r.body = append(r.body, "x"...)
		if err := r.send(w, time.Second); !errors.Is(err, broken) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	fine := &brokenWriter{}
	if err := newResponse(0).send(fine, time.Minute); err != nil {
		t.Error(err)
	}
	if d := fine.deadlines; len(d) != 2 || time.Until(d[0]) > time.Minute || !d[1].IsZero() {
		t.Errorf("deadlines %v: want one that is taken back", d)
	}
	if err := newResponse(0).send(&brokenWriter{deadline: http.ErrNotSupported, flush: http.ErrNotSupported}, time.Second); err != nil {
		t.Errorf("a recorder: %v", err)
	}
}
