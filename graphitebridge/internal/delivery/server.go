package delivery

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Server is a receiver's address.
type Server struct {
	// Address is host:port, with an IPv6 host in brackets. The host is looked up for every connection.
	Address string
	// TLS is nil for a plain connection. An empty ServerName means the host of Address. Sessions are
	// never resumed, whatever its ClientSessionCache.
	TLS *tls.Config
}

// String returns the address in the form that [ParseServer] parses.
func (s Server) String() string {
	address := strings.Replace(s.Address, "%", "%25", 1) // an IPv6 zone, as written in a URL
	if s.TLS != nil {
		return "tls://" + address
	}
	return "tcp://" + address
}

const wantServer = "tcp://host:port or tls://host:port, such as tcp://graphite.example.com:2003 or tls://[2001:db8::1]:2003"

// ParseServer parses tcp://host:port, tls://host:port or tcps://host:port, of which the last two
// mean the same; an IPv6 host is in brackets. A trailing slash is allowed. If the text has no port,
// defaultPort is used; if that is 0, it is an error. The error is an [*otelsli.FieldError] and
// never shows a user, a password or a query contained in the text by mistake.
func ParseServer(text string, defaultPort int) (Server, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return Server{}, wrongServer(text, wantServer)
	}
	if u.User != nil {
		return Server{}, wrongServer(text, wantServer+"; there are no users in these protocols")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return Server{}, wrongServer(text, wantServer+", with nothing behind the port")
	}
	config, ok := schemeTLS(u.Scheme)
	if !ok || u.Opaque != "" {
		return Server{}, wrongServer(text, wantServer)
	}
	address, want := joinAddress(u, defaultPort)
	if want != "" {
		return Server{}, wrongServer(text, want)
	}
	return Server{Address: address, TLS: config}, nil
}

// schemeTLS returns the TLS configuration for a scheme.
func schemeTLS(scheme string) (config *tls.Config, ok bool) {
	switch scheme {
	case "tcp":
		return nil, true
	case "tls", "tcps":
		return &tls.Config{MinVersion: tls.VersionTLS12}, true
	}
	return nil, false
}

// joinAddress returns host:port; if there is none, want says what would be right.
func joinAddress(u *url.URL, defaultPort int) (address, want string) {
	host, port := u.Hostname(), u.Port()
	if !validHost(host, strings.HasPrefix(u.Host, "[")) {
		return "", wantServer
	}
	switch {
	case port != "":
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", "a port from 1 to 65535"
		}
	case defaultPort > 0:
		port = strconv.Itoa(defaultPort)
	default:
		return "", wantServer + "; the port is missing"
	}
	return net.JoinHostPort(host, port), ""
}

// validHost accepts an IPv6 address in brackets and, without them, an IPv4 address or a name.
func validHost(host string, brackets bool) bool {
	if brackets {
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is6() && strings.IndexFunc(a.Zone(), notInHost) < 0
	}
	return host != "" && strings.IndexFunc(host, notInHost) < 0
}

// notInHost reports whether a rune cannot be in a host name; whether the name exists is for the
// resolver to find out.
func notInHost(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.', r == '_':
		return false
	}
	return r < 0x80 // internationalised names are left to the resolver
}

func wrongServer(text, want string) error {
	// The text before an @ may be a password, wherever a parser would split it.
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:]
	}
	// So may the text in a query.
	if i := strings.IndexAny(text, "?#"); i >= 0 && i+1 < len(text) {
		text = text[:i+1] + "…"
	}
	return &otelsli.FieldError{Field: "server address", Value: quote(text), Want: want}
}

// quote shows the beginning of an external text.
func quote(text string) string {
	const limit = 120
	if len(text) > limit {
		text = text[:limit] + "…"
	}
	return strconv.Quote(text)
}
