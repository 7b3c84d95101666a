package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// newAuthority makes a certificate that signs itself, for 127.0.0.1, with its key in PEM, and the pool that trusts it.
func newAuthority(t *testing.T) (pemText []byte, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "a receiver"},
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for kind, der := range map[string][]byte{"CERTIFICATE": certificate, "PRIVATE KEY": private} {
		if err := pem.Encode(&text, &pem.Block{Type: kind, Bytes: der}); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(text.Bytes())
	return text.Bytes(), pool
}

func TestGraphiteIntoInfluxDBOverTLS(t *testing.T) {
	t.Parallel()
	Require(t, InfluxDB)
	certificate, pool := newAuthority(t)
	influx := StartInfluxDB(t, certificate)
	r := lineReceiver{
		format: line.OpenTSDB, address: "tls://" + influx.Secured, name: Point.Series,
		values: func() (map[string]float64, error) { return influx.Values("last") },
	}
	s := newStore(t)
	config := r.config()
	config.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	s.start(t, config)
	s.recordAll(t)
	s.flush(t)
	s.shutdown(t)
	r.holds(t)
}

// A receiver that is not trusted gets nothing, and nothing is lost: the right CA delivers it.
func TestGraphiteWithTheWrongCA(t *testing.T) {
	t.Parallel()
	Require(t, InfluxDB)
	certificate, right := newAuthority(t)
	_, wrong := newAuthority(t)
	influx := StartInfluxDB(t, certificate)
	config := graphitebridge.Config{
		Servers:    []string{"tls://" + influx.Secured},
		Line:       line.Config{Format: line.OpenTSDB, Instance: "one"},
		Increments: true,
		TLS:        &tls.Config{RootCAs: wrong, MinVersion: tls.VersionTLS12},
	}
	s := newStore(t)
	s.start(t, config, setup.WithTimeout(300*time.Millisecond)) // of each attempt, the one at the start included
	s.record(t, otelsli.Counts{otelsli.Failed: 3, otelsli.Success: 4})
	for _, err := range []error{s.flushWithin(t, time.Second), s.shutdownWithin(t, time.Second)} {
		if err == nil {
			t.Fatal("lines were delivered to a receiver that is not trusted")
		}
		for _, want := range []string{"tls://" + influx.Secured, "certificate", "unknown authority"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error lacks %q: %v", want, err)
			}
		}
	}
	config.TLS = &tls.Config{RootCAs: right, MinVersion: tls.VersionTLS12}
	s.start(t, config)
	s.record(t, otelsli.Counts{otelsli.Failed: 2})
	s.flush(t)
	s.shutdown(t)
	tags := `{channel="web",instance="one",service.name="store"}`
	Eventually(t, answerLimit, func() error {
		got, err := influx.Values("sum")
		if err != nil {
			return err
		}
		return compareTotals(got, map[string]float64{"sli.checkout.total" + tags: 9, "sli.checkout.error.total" + tags: 5})
	})
}
