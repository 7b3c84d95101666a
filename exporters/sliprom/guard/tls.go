package guard

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// openPair reads the server certificate.
func (g *Guard) openPair(c config) (err error) {
	if c.hasPair {
		g.pair, err = watch(c.log, "WithCertificate", parsePair, c.cert, c.key)
	}
	return err
}

func parsePair(contents [][]byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(contents[0], contents[1])
	return &pair, err
}

// openClients reads the authorities for client certificates.
func (g *Guard) openClients(c config) error {
	if !c.hasClientCA {
		return nil
	}
	pool, err := watch(c.log, "WithClientCertificates", parsePool, c.clientCA)
	if err != nil {
		return err
	}
	g.clients = &clients{authorities: pool.current, names: c.clientNames}
	return nil
}

func parsePool(contents [][]byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(contents[0]) {
		return nil, errors.New("no certificate in it: want PEM")
	}
	return pool, nil
}

// TLSConfig returns a TLS configuration with the certificates of the guard, nil if it has none. The
// caller may modify it. Certificates and authorities follow their files. With
// [WithClientCertificates] the handshake demands a certificate; with [WithEither] it only requests
// one.
//
// Authorities are checked in VerifyConnection, which also sees resumed sessions, and again at every
// request. The usual pattern, a GetConfigForClient for each generation of the files, would let
// resumed sessions pass with an authority that has been removed (CVE-2025-68121).
func (g *Guard) TLSConfig() *tls.Config {
	if g.pair == nil && g.tls == nil {
		return nil
	}
	t := g.tls.Clone()
	if t == nil {
		t = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.MinVersion = max(t.MinVersion, tls.VersionTLS12)
	t.SessionTicketsDisabled = true
	if g.pair != nil {
		t.Certificates = nil
		t.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return g.pair.current(), nil }
	}
	if g.clients != nil {
		t.ClientAuth = tls.RequireAnyClientCert
		if g.either {
			t.ClientAuth = tls.RequestClientCert
		}
		t.VerifyConnection = g.verify(t.VerifyConnection)
	}
	return t
}

// verify rejects a client with a bad certificate at the handshake. A client without one has been
// rejected before, or may be admitted by other means.
func (g *Guard) verify(next func(tls.ConnectionState) error) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 {
			if _, err := g.clients.identify(&state); err != nil {
				return err
			}
		}
		if next != nil {
			return next(state)
		}
		return nil
	}
}

// clients verifies client certificates.
type clients struct {
	authorities func() *x509.CertPool
	names       []string // allowed; empty: all
}

var errNoCertificate = errors.New("guard: no client certificate")

// identify verifies the certificate of a connection against the current authorities and returns its
// name. It does not rely on what TLS has verified: a server with its own TLS configuration may have
// verified nothing.
func (c *clients) identify(state *tls.ConnectionState) (name string, err error) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return "", errNoCertificate
	}
	leaf, rest := state.PeerCertificates[0], state.PeerCertificates[1:]
	options := x509.VerifyOptions{
		Roots:         c.authorities(),
		Intermediates: x509.NewCertPool(),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, cert := range rest {
		options.Intermediates.AddCert(cert)
	}
	if _, err := leaf.Verify(options); err != nil {
		return "", fmt.Errorf("guard: client certificate: %w", err)
	}
	return c.allowed(leaf)
}

func (c *clients) allowed(leaf *x509.Certificate) (string, error) {
	names := namesOf(leaf)
	if len(c.names) == 0 && len(names) > 0 {
		return names[0], nil
	}
	for _, name := range names {
		if slices.Contains(c.names, name) {
			return name, nil
		}
	}
	if len(c.names) == 0 {
		return "serial " + leaf.SerialNumber.String(), nil
	}
	return "", fmt.Errorf("guard: client certificate for %.200q: want one of the names that are allowed", names)
}

// namesOf returns the names in a certificate, the most specific first.
func namesOf(leaf *x509.Certificate) (names []string) {
	for _, u := range leaf.URIs {
		names = append(names, u.String())
	}
	names = append(names, leaf.DNSNames...)
	names = append(names, leaf.EmailAddresses...)
	if leaf.Subject.CommonName != "" {
		names = append(names, leaf.Subject.CommonName)
	}
	return names
}
