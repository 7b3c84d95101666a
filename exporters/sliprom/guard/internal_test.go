package guard

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

func TestQuotasAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(1, 1, 1)
		for i := range 2 * maxQuotas {
			l.of(fmt.Sprint(i)).wait()
		}
		if len(l.quotas) != maxQuotas {
			t.Errorf("%d quotas, want %d", len(l.quotas), maxQuotas)
		}
		if l.of("late") != l.overflow || l.of("0") == l.overflow {
			t.Error("the overflow is not for the late")
		}
		time.Sleep(2 * time.Second) // all are as good as new
		if l.of("later") == l.overflow {
			t.Error("no place although nobody uses theirs")
		}
		if len(l.quotas) != maxQuotas {
			t.Errorf("%d quotas, want %d", len(l.quotas), maxQuotas)
		}
	})
}

// Refusals at the same time take nothing away from what is allowed later.
func TestRefusalsTakeNoTokens(t *testing.T) {
	t.Parallel()
	q := newLimits(rate.Every(24*time.Hour), 1, 1).of("a")
	var greedy sync.WaitGroup
	for range 8 {
		greedy.Go(func() {
			for range 5000 {
				q.wait()
			}
		})
	}
	greedy.Wait()
	if got := q.limiter.Tokens(); got < 0 {
		t.Errorf("%v tokens left, want none", got)
	}
	if got := q.wait(); got > maxWait || got <= 0 {
		t.Errorf("to wait %v, want no more than %v", got, maxWait)
	}
}

func TestQuotaInUseIsKept(t *testing.T) {
	t.Parallel()
	for _, r := range []rate.Limit{1, rate.Inf} {
		l := newLimits(r, 5, 1)
		q := l.of("a")
		if !q.enter() || q.enter() {
			t.Error("not one place")
		}
		if l.forget() {
			t.Errorf("rate %v: a quota in use was dropped", r)
		}
		q.leave()
		if !l.forget() {
			t.Errorf("rate %v: a quota as good as new was kept", r)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:80":               "192.0.2.1",
		"[::ffff:192.0.2.1]:80":      "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80":  "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":          "fe80::/64",
		"host:80":                    "host",
		"@":                          "@",
		"":                           "",
		"[2001:db8:1:2:ffff::]:1234": "2001:db8:1:2::/64",
	} {
		if got := address(remote); got != want {
			t.Errorf("%q: %q, want %q", remote, got, want)
		}
	}
}

// A fakeConn has an address and can be closed.
type fakeConn struct {
	net.Conn
	remote string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr { return fakeAddr(c.remote) }
func (c *fakeConn) Close() error         { c.closed = true; return nil }

type fakeAddr string

func (fakeAddr) Network() string  { return "tcp" }
func (a fakeAddr) String() string { return string(a) }

// come makes a connection from a host, and returns it with a request on it.
func come(s *conns, host string) (*fakeConn, *http.Request) {
	c := &fakeConn{remote: host + ":1"}
	return c, (&http.Request{}).WithContext(s.enter(context.Background(), c))
}

func TestStrangersDriveOutThemselves(t *testing.T) {
	t.Parallel()
	s := newConns(10, 10)
	known, request := come(s, "192.0.2.1")
	s.admit(request, "scraper")
	modest, _ := come(s, "192.0.2.2")
	var flood []*fakeConn
	for range 100 {
		c, _ := come(s, "192.0.2.66")
		flood = append(flood, c)
	}
	if known.closed || modest.closed {
		t.Errorf("closed: the scraper %t, another stranger %t", known.closed, modest.closed)
	}
	for i, c := range flood {
		if want := i < 91; c.closed != want {
			t.Errorf("connection %d of the flood: closed %t, want the oldest 91", i, c.closed)
		}
	}
	if s.strangers.len() != 10 || s.known.len() != 1 {
		t.Errorf("%d strangers, %d known", s.strangers.len(), s.known.len())
	}
}

// A flood from many addresses ends the oldest, and a pair behind one address is no worse than others.
func TestOldestStrangerGoesFirst(t *testing.T) {
	t.Parallel()
	s := newConns(10, 10)
	old, _ := come(s, "192.0.2.1")
	first, _ := come(s, "192.0.2.2")
	second, _ := come(s, "192.0.2.2")
	for i := range 8 {
		come(s, fmt.Sprintf("198.51.100.%d", i))
	}
	if !old.closed || first.closed || second.closed {
		t.Errorf("closed: the oldest %t, the pair %t and %t", old.closed, first.closed, second.closed)
	}
}

func TestKnownConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newConns(10, 4)
	scraper, request := come(s, "192.0.2.1")
	s.admit(request, "scraper")
	var others []*fakeConn
	for range 50 {
		c, r := come(s, "192.0.2.1")
		s.admit(r, "greedy")
		s.admit(request, "scraper") // it comes again and again
		others = append(others, c)
	}
	if scraper.closed || s.known.len() != 4 || s.strangers.len() != 0 {
		t.Errorf("closed %t, %d known, %d strangers", scraper.closed, s.known.len(), s.strangers.len())
	}
	if last := others[len(others)-1]; last.closed {
		t.Error("the newest was closed")
	}
}

func TestConnectionsAreForgotten(t *testing.T) {
	t.Parallel()
	s := newConns(2, 2)
	for i := range 100 {
		c, r := come(s, "192.0.2.1")
		if i%2 == 0 {
			s.admit(r, "scraper")
		}
		s.changed(c, http.StateActive)
		if c.closed {
			t.Fatal("closed in good order")
		}
		s.changed(c, http.StateClosed)
		s.changed(c, http.StateClosed)
	}
	if len(s.all)+s.known.len()+s.strangers.len()+len(s.known.groups)+len(s.strangers.groups) != 0 {
		t.Errorf("left: %d, %d known, %d strangers", len(s.all), s.known.len(), s.strangers.len())
	}
}

// A connection that was driven out while it sent the right token stays out, and takes nobody's place.
func TestTooLate(t *testing.T) {
	t.Parallel()
	s := newConns(1, 1)
	late, request := come(s, "192.0.2.1")
	come(s, "192.0.2.1")
	s.admit(request, "scraper")
	if !late.closed || s.known.len() != 0 {
		t.Errorf("closed %t, %d known", late.closed, s.known.len())
	}
}

func TestCloseStrangers(t *testing.T) {
	t.Parallel()
	s := newConns(10, 10)
	known, request := come(s, "192.0.2.1")
	s.admit(request, "scraper")
	stranger, _ := come(s, "192.0.2.1")
	s.closeStrangers()
	if known.closed || !stranger.closed || s.strangers.len() != 0 {
		t.Errorf("closed: known %t, stranger %t", known.closed, stranger.closed)
	}
}

func FuzzPresented(f *testing.F) {
	for _, s := range []string{"", "Bearer x", "bearer  x ", "Basic cHJvbTpwYXNz", "Basic !", "Basic", " ", "Bearer \x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		scheme, text, ok := presented(http.Header{"Authorization": {header}})
		switch {
		case !ok:
		case scheme != bearer && scheme != basic:
			t.Errorf("scheme %q", scheme)
		case len(text) > len(header):
			t.Errorf("%q is longer than %q", text, header)
		case scheme == bearer && (text == "" || text[0] == ' '):
			t.Errorf("token %q", text)
		}
	})
}

func FuzzParseTokens(f *testing.F) {
	for _, s := range []string{"", "a", "a,b", "a\r\nb\n", ",, ,", "\x00", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		list, err := parseTokens("file")([][]byte{[]byte(content)})
		if (len(list) == 0) == (err == nil) {
			t.Errorf("%d tokens, error %v", len(list), err)
		}
	})
}
