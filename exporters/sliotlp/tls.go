package sliotlp

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strconv"
)

type tlsFiles struct{ ca, cert, key string }

// tlsConfig makes the TLS configuration of an https endpoint, nil for the defaults. It reports
// problems.
func (c config) tlsConfig(report func(field, value, want string)) *tls.Config {
	f := c.files
	if f == (tlsFiles{}) {
		return c.tls
	}
	if c.tls != nil {
		report("WithTLSFiles", "used together with WithTLSConfig", "one of them")
		return nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.ca != "" {
		cfg.RootCAs = f.roots(report)
	}
	if f.cert != "" || f.key != "" {
		cfg.Certificates = f.certificate(report)
	}
	return cfg
}

func (f tlsFiles) roots(report func(field, value, want string)) *x509.CertPool {
	pem, err := os.ReadFile(f.ca)
	if err != nil {
		report("WithTLSFiles: ca", strconv.Quote(f.ca), "a file that can be read: "+err.Error())
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		report("WithTLSFiles: ca", strconv.Quote(f.ca), "a PEM file of certificates")
	}
	return pool
}

func (f tlsFiles) certificate(report func(field, value, want string)) []tls.Certificate {
	if f.cert == "" || f.key == "" {
		report("WithTLSFiles", "cert "+strconv.Quote(f.cert)+", key "+strconv.Quote(f.key), "both or none of them")
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		report("WithTLSFiles", "cert "+strconv.Quote(f.cert)+", key "+strconv.Quote(f.key), "PEM files that belong together: "+err.Error())
		return nil
	}
	return []tls.Certificate{pair}
}
