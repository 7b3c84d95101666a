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

// maxQuotas bounds the number of identities with limits of their own. There are few authenticated
// identities, but any number of addresses may reach an open endpoint.
const maxQuotas = 1024

// limits are the quotas of all identities.
type limits struct {
	rate        rate.Limit
	burst       int
	concurrency int32

	mu       sync.Mutex
	quotas   map[string]*quota
	overflow *quota // shared by all beyond maxQuotas
}

// newLimits accepts any concurrency; values beyond int32 are capped.
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

// A quota is the limits and current use of one identity.
type quota struct {
	limiter *rate.Limiter
	slots   int32
	taken   atomic.Int32
}

// wait admits a request if it is within the rate, and otherwise returns how long until one is.
func (q *quota) wait() time.Duration {
	if q.limiter.Allow() {
		return 0
	}
	// A reservation would tell too, but one that is cancelled after a later one does not return its
	// token: clients that come too often would be admitted less and less.
	missing := 1 - q.limiter.Tokens()
	seconds := min(missing/float64(q.limiter.Limit()), maxWait.Seconds())
	return max(time.Duration(seconds*float64(time.Second)), 1) // a token may have become available by now
}

// maxWait is the maximum for Retry-After.
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

// address returns the part of a remote address that a client cannot change at will: the host, or
// the /64 network for IPv6.
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
