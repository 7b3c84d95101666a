package delivery

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// An authority signs the certificates of a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{key: newKey(t), pool: x509.NewCertPool()}
	a.cert = sign(t, &x509.Certificate{
		Subject:               pkix.Name{CommonName: "test authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil, a.key, a.key)
	a.pool.AddCert(a.cert)
	return a
}

// issue returns a certificate for the names and the loopback addresses.
func (a *authority) issue(t testing.TB, ip net.IP, names ...string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "test"},
		DNSNames:    names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	cert := sign(t, template, a.cert, key, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// secured reads through TLS to the end and then closes, with or without TLS's own farewell.
func secured(config *tls.Config, farewell bool) handler {
	return func(r *receiver, c *net.TCPConn) {
		s := tls.Server(c, config)
		_ = r.readTo(s, everything)
		if farewell {
			s.Close()
		}
		c.Close()
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	loopback := ours.issue(t, net.IPv4(127, 0, 0, 1))
	named := ours.issue(t, nil, "graphite.test")
	client := ours.issue(t, nil, "client.test")
	server := func(c tls.Certificate) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{c}}
	}
	mutual := server(loopback)
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, ours.pool
	old := server(loopback)
	old.MaxVersion = tls.VersionTLS12

	for name, tt := range map[string]struct {
		server  *tls.Config
		client  *tls.Config
		hasty   bool   // the server closes without TLS's farewell
		wantErr string // empty: delivered
	}{
		"good":               {server: server(loopback), client: &tls.Config{RootCAs: ours.pool}},
		"TLS 1.2":            {server: old, client: &tls.Config{RootCAs: ours.pool}},
		"server name":        {server: server(named), client: &tls.Config{RootCAs: ours.pool, ServerName: "graphite.test"}},
		"without close":      {server: server(loopback), client: &tls.Config{RootCAs: ours.pool}, hasty: true},
		"session cache":      {server: server(loopback), client: &tls.Config{RootCAs: ours.pool, ClientSessionCache: tls.NewLRUClientSessionCache(1)}},
		"client certificate": {server: mutual, client: &tls.Config{RootCAs: ours.pool, Certificates: []tls.Certificate{client}}},
		"wrong authority":    {server: server(loopback), client: &tls.Config{RootCAs: theirs.pool}, wantErr: "unknown authority"},
		"wrong name":         {server: server(named), client: &tls.Config{RootCAs: ours.pool}, wantErr: "127.0.0.1"},
		"no certificate":     {server: mutual, client: &tls.Config{RootCAs: ours.pool}, wantErr: "certificate required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, secured(tt.server, !tt.hasty))
			config := quick(r.address)
			config.Servers[0].TLS = tt.client
			for _, mode := range []Mode{Ack, Stream, Sync} {
				config.Mode = mode
				c := newClient(t, config)
				b := batch(mode.String(), 2000)
				if tt.wantErr == "" {
					deliver(t, c, b)
					closeClient(t, c)
					continue
				}
				wantTLSError(t, c, b, tt.wantErr)
			}
			if tt.wantErr == "" {
				batches := [][]byte{batch("ack", 2000), batch("stream", 2000), batch("sync", 2000)}
				if d := wantAllSoon(t, batches, r); d != 0 {
					t.Errorf("%d duplicates, want none", d)
				}
			}
		})
	}
}

// wantTLSError checks a delivery that fails by the certificates. Under TLS 1.3 a client learns only
// after its handshake that the server wanted another certificate; in Stream mode after it has
// written.
func wantTLSError(t *testing.T, c *Client, b []byte, want string) {
	t.Helper()
	_, err := c.Deliver(within(t, 2*time.Second), b, int(countLines(b)))
	if err == nil {
		err = c.Close(within(t, 2*time.Second))
	}
	// The reset that follows the server's alert may overtake it.
	if err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "reset by peer") {
		t.Errorf("error %v, want %q in it", err, want)
	}
}

// A reset or a death behind TLS loses nothing either.
func TestTLSBrokenOff(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{a.issue(t, net.IPv4(127, 0, 0, 1))}}
	breaks := func(r *receiver, c *net.TCPConn) {
		_ = r.readTo(tls.Server(c, config), 100_000)
		c.Close()
	}
	r := newReceiver(t, breaks, breaks, secured(config, true))
	for _, mode := range []Mode{Ack, Stream} {
		cfg := quick(r.address)
		cfg.Servers[0].TLS, cfg.Mode = &tls.Config{RootCAs: a.pool}, mode
		c := newClient(t, cfg)
		b := batch("x", 20_000)
		result := deliver(t, c, b)
		closeClient(t, c)
		if d := wantTorn(t, b, r); mode == Ack && result.Resent < d {
			t.Errorf("%d duplicates, %d lines sent again", d, result.Resent)
		}
	}
}

// Cancelling must not wait for the alert that crypto/tls sends when it half-closes.
func TestTLSCancelled(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{a.issue(t, net.IPv4(127, 0, 0, 1))}}
	r := newReceiver(t, func(r *receiver, c *net.TCPConn) {
		_ = tls.Server(c, config).Handshake()
		blackHole(r, c)
	})
	b := batch("x", 500_000)
	cfg := quick(r.address)
	cfg.Servers[0].TLS = &tls.Config{RootCAs: a.pool}
	cfg.WriteTimeout, cfg.ReadTimeout = time.Minute, time.Minute
	c := newClient(t, cfg)
	start := time.Now()
	result, err := c.Deliver(within(t, time.Second), b, 500_000)
	if took := time.Since(start); err == nil || !result.Written || took > 5*time.Second {
		t.Errorf("%+v, %v after %v: want it written, an error, and soon", result, err, took)
	}
}
