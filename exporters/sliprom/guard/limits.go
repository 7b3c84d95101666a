package guard

import (
	"math"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// maxQuotas bounds the identities that have limits of their own. Authenticated ones are few; the
// addresses of an open endpoint are not.
const maxQuotas = 1024

// limits are the quotas of all identities.
type limits struct {
	rate        rate.Limit
	burst       int
	concurrency int32

	mu       sync.Mutex
	quotas   map[string]*quota
	overflow *quota // of all for whom there is no place
}

// newLimits takes any concurrency; more than fits is as good as none.
func newLimits(r rate.Limit, burst, concurrency int) *limits {
	l := &limits{rate: r, burst: burst, concurrency: int32(min(concurrency, math.MaxInt32)), quotas: make(map[string]*quota)}
	l.overflow = l.newQuota()
	return l
}

func (l *limits) newQuota() *quota {
	return &quota{limiter: rate.NewLimiter(l.rate, l.burst), slots: l.concurrency}
}

// of returns the quota of an identity.
func (l *limits) of(identity string) *quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q := l.quotas[identity]; q != nil {
		return q
	}
	if len(l.quotas) >= maxQuotas && !l.forget() {
		return l.overflow
	}
	q := l.newQuota()
	l.quotas[identity] = q
	return q
}

// forget drops a quota that is as good as new, and reports whether there was one.
func (l *limits) forget() bool {
	for identity, q := range l.quotas {
		if q.unused(l.burst) {
			delete(l.quotas, identity)
			return true
		}
	}
	return false
}

// A quota is what one identity may do.
type quota struct {
	limiter *rate.Limiter
	slots   int32
	taken   atomic.Int32
}

// wait counts a request if it is within the rate, and otherwise returns how long until one is.
func (q *quota) wait() time.Duration {
	if q.limiter.Allow() {
		return 0
	}
	// A reservation would tell too, but one that is cancelled after a later one does not give its
	// token back: those who come too often would be let in less and less.
	missing := 1 - q.limiter.Tokens()
	seconds := min(missing/float64(q.limiter.Limit()), maxWait.Seconds())
	return max(time.Duration(seconds*float64(time.Second)), 1) // by now there may be one again
}

// maxWait is the longest time that a client is told to wait.
const maxWait = time.Hour

func (q *quota) enter() bool {
	if q.taken.Add(1) > q.slots {
		q.taken.Add(-1)
		return false
	}
	return true
}

func (q *quota) leave() { q.taken.Add(-1) }

func (q *quota) unused(burst int) bool {
	idle := q.limiter.Limit() == rate.Inf || q.limiter.Tokens() >= float64(burst)
	return idle && q.taken.Load() == 0
}

// address returns the part of a remote address that one client cannot change at will: the host, of
// IPv6 the network of 64 bits.
func address(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64) // cannot fail for IPv6
	return network.String()
}
