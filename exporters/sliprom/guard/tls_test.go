package guard_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

// files are the certificate and the key of a server, on disk.
type files struct{ cert, key string }

func newFiles(t testing.TB, a *authority, name string) files {
	t.Helper()
	dir := t.TempDir()
	f := files{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
	f.rotate(t, a, name)
	return f
}

func (f files) rotate(t testing.TB, a *authority, name string) {
	t.Helper()
	cert, key := a.server(t, name)
	write(t, f.cert, cert)
	write(t, f.key, key)
}

func (f files) option() guard.Option { return guard.WithCertificate(f.cert, f.key) }

// servedName connects anew and returns the name in the certificate of the server.
func servedName(t testing.TB, addr string, config *tls.Config) string {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// eventually waits for what files need a second to bring about.
func eventually(t testing.TB, what string, check func() bool) {
	t.Helper()
	for began := time.Now(); !check(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestCertificateIsFollowed(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	a := newAuthority(t)
	f := newFiles(t, a, "first")
	s := protect(t, newGuard(t, logTo(&log), f.option()), hello, nil)
	kept := client(t, a.trust())
	wantStatus(t, 200, kept, "https://"+s.addr)
	if got := servedName(t, s.addr, a.trust()); got != "first" {
		t.Errorf("served %q", got)
	}
	f.rotate(t, a, "second")
	eventually(t, "the second certificate", func() bool { return servedName(t, s.addr, a.trust()) == "second" })
	wantStatus(t, 200, kept, "https://"+s.addr)

	write(t, f.cert, "broken")
	eventually(t, "a line of log", func() bool {
		return servedName(t, s.addr, a.trust()) == "second" && strings.Contains(log.String(), "cannot be used")
	})
	time.Sleep(1100 * time.Millisecond)
	if got := servedName(t, s.addr, a.trust()); got != "second" || strings.Count(log.String(), "cannot be used") != 1 {
		t.Errorf("served %q; log:\n%s", got, log.String())
	}
	f.rotate(t, a, "third")
	eventually(t, "the third certificate", func() bool { return servedName(t, s.addr, a.trust()) == "third" })
	if !strings.Contains(log.String(), "can be used again") {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestTLSVersions(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	f := newFiles(t, a, "server")
	s := protect(t, newGuard(t, f.option()), hello, nil)
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		config := a.trust()
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, version
		conn, err := tls.Dial("tcp", s.addr, config)
		if (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			conn.Close()
		}
	}
	old := newGuard(t, f.option(), guard.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS10}))
	if got := old.TLSConfig().MinVersion; got != tls.VersionTLS12 {
		t.Errorf("least version %s", tls.VersionName(got))
	}
	strict := newGuard(t, f.option(), guard.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}))
	if got := strict.TLSConfig().MinVersion; got != tls.VersionTLS13 {
		t.Errorf("least version %s", tls.VersionName(got))
	}
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	a, foreign := newAuthority(t), newAuthority(t)
	f, ca := newFiles(t, a, "server"), tempFile(t, a.pem)
	scraper := a.client(t, "scraper")
	expired := a.client(t, "scraper", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	wrongUse := a.client(t, "scraper", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	workload := a.client(t, "", spiffe("spiffe://example.org/prometheus"))
	dns := a.client(t, "x", func(c *x509.Certificate) { c.DNSNames = []string{"prom.example.org"} })
	nameless := a.client(t, "")
	const public = "/healthz"
	authorities := guard.WithClientCertificates(ca)
	named := guard.WithClientCertificates(ca, "scraper", "spiffe://example.org/prometheus", "prom.example.org")
	token := guard.WithBearerTokens("token")
	for _, test := range []struct {
		name    string
		options []guard.Option
		cert    []tls.Certificate
		header  string
		path    string
		want    int // 0: no answer at all
	}{
		{"right", []guard.Option{authorities}, []tls.Certificate{scraper}, "", "/metrics", 200},
		{"without a name", []guard.Option{authorities}, []tls.Certificate{nameless}, "", "/metrics", 200},
		{"none", []guard.Option{authorities}, nil, "", "/metrics", 403},
		{"none, public", []guard.Option{authorities}, nil, "", public, 200},
		{"a path that looks public", []guard.Option{authorities}, nil, "", public + "/../metrics", 403},
		{"of another authority", []guard.Option{authorities}, []tls.Certificate{foreign.client(t, "scraper")}, "", "/metrics", 0},
		{"of another authority, public", []guard.Option{authorities}, []tls.Certificate{foreign.client(t, "scraper")}, "", public, 0},
		{"expired", []guard.Option{authorities}, []tls.Certificate{expired}, "", "/metrics", 0},
		{"for servers", []guard.Option{authorities}, []tls.Certificate{wrongUse}, "", "/metrics", 0},
		{"allowed name", []guard.Option{named}, []tls.Certificate{scraper}, "", "/metrics", 200},
		{"allowed URI", []guard.Option{named}, []tls.Certificate{workload}, "", "/metrics", 200},
		{"allowed DNS name", []guard.Option{named}, []tls.Certificate{dns}, "", "/metrics", 200},
		{"another name", []guard.Option{named}, []tls.Certificate{a.client(t, "Scraper")}, "", "/metrics", 0},
		{"no name at all", []guard.Option{named}, []tls.Certificate{nameless}, "", "/metrics", 0},
		{"both", []guard.Option{authorities, token}, []tls.Certificate{scraper}, "Bearer token", "/metrics", 200},
		{"certificate alone", []guard.Option{authorities, token}, []tls.Certificate{scraper}, "", "/metrics", 401},
		{"token alone", []guard.Option{authorities, token}, nil, "Bearer token", "/metrics", 401},
		{"either: certificate", []guard.Option{authorities, token, guard.WithEither()}, []tls.Certificate{scraper}, "", "/metrics", 200},
		{"either: token", []guard.Option{authorities, token, guard.WithEither()}, nil, "Bearer token", "/metrics", 200},
		{"either: none", []guard.Option{authorities, token, guard.WithEither()}, nil, "Bearer x", "/metrics", 401},
		{"either: bad certificate", []guard.Option{authorities, token, guard.WithEither()}, []tls.Certificate{expired}, "Bearer token", "/metrics", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := protect(t, newGuard(t, append(test.options, f.option())...), hello, nil, public)
			c := client(t, a.trust(test.cert...))
			wantStatus(t, test.want, c, "https://"+s.addr+test.path, "Authorization", test.header)
		})
	}
}

// Without public paths a stranger does not get past the handshake.
func TestHandshakeDemandsCertificate(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := protect(t, newGuard(t, newFiles(t, a, "server").option(), guard.WithClientCertificates(tempFile(t, a.pem))), hello, nil)
	wantStatus(t, 0, client(t, a.trust()), "https://"+s.addr)
	wantStatus(t, 200, client(t, a.trust(a.client(t, "scraper"))), "https://"+s.addr)
}

// An authority that is gone counts for nobody any more: neither for new connections, nor for sessions
// that a client would resume (CVE-2025-68121), nor for connections that are open.
func TestAuthorityIsFollowed(t *testing.T) {
	t.Parallel()
	a, next := newAuthority(t), newAuthority(t)
	ca := tempFile(t, a.pem)
	s := protect(t, newGuard(t, newFiles(t, a, "server").option(), guard.WithClientCertificates(ca)), hello, nil)
	sessions := tls.NewLRUClientSessionCache(10)
	trust := func(certs ...tls.Certificate) *tls.Config {
		config := a.trust(certs...)
		config.ClientSessionCache = sessions
		return config
	}
	old := a.client(t, "scraper")
	kept := client(t, trust(old))
	wantStatus(t, 200, kept, "https://"+s.addr)
	wantStatus(t, 200, client(t, trust(old)), "https://"+s.addr)

	write(t, ca, next.pem)
	eventually(t, "the new authority", func() bool {
		code, _ := status(t, client(t, trust(next.client(t, "scraper"))), "https://"+s.addr)
		return code == 200
	})
	wantStatus(t, 403, kept, "https://"+s.addr)
	wantStatus(t, 0, kept, "https://"+s.addr) // it had to connect anew
	wantStatus(t, 0, client(t, trust(old)), "https://"+s.addr)
	write(t, ca, a.pem+next.pem)
	eventually(t, "both authorities", func() bool {
		code, _ := status(t, client(t, trust(old)), "https://"+s.addr)
		return code == 200
	})
}

// Whatever a server of the application's own has verified, or not: the guard verifies itself.
func TestOwnServerThatVerifiesNothing(t *testing.T) {
	t.Parallel()
	a, foreign := newAuthority(t), newAuthority(t)
	f := newFiles(t, a, "server")
	h := newGuard(t, guard.WithClientCertificates(tempFile(t, a.pem))).Wrap(hello)
	open := newGuard(t, f.option())
	s := protect(t, open, h, nil)
	wantStatus(t, 403, client(t, a.trust(a.client(t, "scraper"))), "https://"+s.addr) // it is not asked for

	own := open.TLSConfig()
	own.ClientAuth = tls.RequestClientCert
	s = protect(t, newGuard(t), h, func(s *http.Server) { s.TLSConfig = own })
	wantStatus(t, 403, client(t, a.trust(foreign.client(t, "scraper"))), "https://"+s.addr)
	wantStatus(t, 200, client(t, a.trust(a.client(t, "scraper"))), "https://"+s.addr)
}

func TestTLSConfigOfTheCaller(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.server(t, "in memory")
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	var verified bool
	base := &tls.Config{Certificates: []tls.Certificate{pair}, VerifyConnection: func(tls.ConnectionState) error {
		verified = true
		return nil
	}}
	s := protect(t, newGuard(t, guard.WithTLSConfig(base), guard.WithClientCertificates(tempFile(t, a.pem))), hello, nil)
	wantStatus(t, 200, client(t, a.trust(a.client(t, "scraper"))), "https://"+s.addr)
	if !verified || base.MinVersion != 0 || base.ClientAuth != 0 {
		t.Errorf("verified %t; the caller's was changed: %t", verified, base.MinVersion != 0)
	}
	for want, config := range map[string]*tls.Config{
		"GetConfigForClient": {Certificates: base.Certificates, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, nil }}, //nolint:nilnil // never called
		"ClientAuth":         {Certificates: base.Certificates, ClientAuth: tls.RequireAndVerifyClientCert},
		"ClientCAs":          {Certificates: base.Certificates, ClientCAs: x509.NewCertPool()},
		"Certificates":       {},
	} {
		var field *otelsli.FieldError
		if _, err := guard.New(guard.WithTLSConfig(config)); !errors.As(err, &field) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}

func TestProtectNeedsTLSForClientCertificates(t *testing.T) {
	t.Parallel()
	g := newGuard(t, guard.WithClientCertificates(tempFile(t, newAuthority(t).pem)))
	s := &http.Server{Handler: hello}
	var field *otelsli.FieldError
	if err := g.Protect(s); !errors.As(err, &field) || s.IdleTimeout != 0 {
		t.Errorf("error %v, server changed: %t", err, s.IdleTimeout != 0)
	}
}
