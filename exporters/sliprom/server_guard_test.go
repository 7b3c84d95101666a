package sliprom

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

func serveGuarded(t *testing.T, g *guard.Guard) *Server {
	t.Helper()
	s, err := NewServer("127.0.0.1:0", open(t, newShop(t).catalog).Mux(), WithGuard(g, HealthPath, ReadyPath))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-served
	})
	return s
}

func statusOf(t *testing.T, url, authorization string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestServerWithGuard(t *testing.T) {
	t.Parallel()
	g, err := guard.New(guard.WithBearerTokens("token"), guard.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	s := serveGuarded(t, g)
	for path, stranger := range map[string]int{
		"/metrics": 401, "/slis.json": 401, "/": 401, "/favicon.ico": 401, "/health.json": 401,
		HealthPath: 200, ReadyPath: 200,
	} {
		if got := statusOf(t, "http://"+s.Addr()+path, ""); got != stranger {
			t.Errorf("%s for a stranger: status %d, want %d", path, got, stranger)
		}
		if got := statusOf(t, "http://"+s.Addr()+path, "Bearer token"); got == 401 {
			t.Errorf("%s for a scraper: status %d", path, got)
		}
	}
}

func TestServerRefusesGuardWithoutTLS(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(guard.WithClientCertificates(path))
	if err != nil {
		t.Fatal(err)
	}
	var field *otelsli.FieldError
	s, err := NewServer("127.0.0.1:0", hello, WithGuard(g))
	if s != nil || !errors.As(err, &field) || !strings.Contains(err.Error(), "WithCertificate") {
		t.Errorf("error %v", err)
	}
}

// certificate is one of an authority. Nothing is signed by it.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBJDCBy6ADAgECAgEBMAoGCCqGSM49BAMCMAAwIhgPMDAwMTAxMDEwMDAwMDBa
GA8yMTI2MTAyOTAxMDgyNVowADBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJAZ
63c8JxdeEgs68kKOgS8pR3RNSbus8MVnoV1oUn+BkjoZGMHnDsJUZQUuEJQoPwn4
qY+XX2VbK36cnSWOk5SjMjAwMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFNep
gbo/y4eQnGdoPyXWG/nvydd0MAoGCCqGSM49BAMCA0gAMEUCIFQKmMbTqT5YPJkT
otHA7HOLSvMr8lVNz1xR5wEoBGxnAiEAs3eriDwaRNcfauuc183CKLTPNOU4sKzj
19w+/6TfQYw=
-----END CERTIFICATE-----
`
