package guard_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

func userpass(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := newGuard(t,
		guard.WithBearerTokens("old-token", "new-token"),
		guard.WithBearerTokenFile(tempFile(t, "file-token-1\nfile-token-2, file-token-3\r\n")),
		guard.WithUser("prom", "s:cret wörd"), guard.WithUser("prom", "second"),
		guard.WithUserFile("agent", tempFile(t, " from file \n")),
	).Wrap(hello)
	for _, test := range []struct {
		name   string
		header []string
		want   int
	}{
		{"first token", []string{"Bearer old-token"}, 200},
		{"second token", []string{"Bearer new-token"}, 200},
		{"scheme in another case", []string{"bEARER  new-token"}, 200},
		{"first of a file", []string{"Bearer file-token-1"}, 200},
		{"last of a file", []string{"Bearer file-token-3"}, 200},
		{"user", []string{userpass("prom", "s:cret wörd")}, 200},
		{"user with another password", []string{userpass("prom", "second")}, 200},
		{"user of a file, spaces kept", []string{userpass("agent", " from file ")}, 200},
		{"nothing", nil, 401},
		{"empty", []string{""}, 401},
		{"scheme alone", []string{"Bearer"}, 401},
		{"scheme and space", []string{"Bearer "}, 401},
		{"wrong token", []string{"Bearer new-tokem"}, 401},
		{"prefix", []string{"Bearer new-toke"}, 401},
		{"longer", []string{"Bearer new-token2"}, 401},
		{"space at the end", []string{"Bearer new-token "}, 401},
		{"two tokens in one", []string{"Bearer old-token,new-token"}, 401},
		{"token as password", []string{userpass("", "new-token")}, 401},
		{"password as token", []string{"Bearer prom:second"}, 401},
		{"other scheme", []string{"Digest new-token"}, 401},
		{"wrong password", []string{userpass("prom", "third")}, 401},
		{"unknown user", []string{userpass("prometheus", "second")}, 401},
		{"password of another user", []string{userpass("agent", "second")}, 401},
		{"no colon", []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("prom"))}, 401},
		{"not base64", []string{"Basic prom:second"}, 401},
		{"right and wrong", []string{"Bearer new-token", "Bearer x"}, 401},
		{"far too long", []string{"Bearer " + strings.Repeat("x", 1<<20)}, 401},
	} {
		var headers []string
		for _, value := range test.header {
			headers = append(headers, "Authorization", value)
		}
		if w := ask(h, headers...); w.Code != test.want {
			t.Errorf("%s: status %d, want %d", test.name, w.Code, test.want)
		}
	}
}

// All refusals are the same, down to the byte.
func TestRefusalsTellNothing(t *testing.T) {
	t.Parallel()
	h := newGuard(t, guard.WithBearerTokens("token"), guard.WithUser("prom", "password")).Wrap(hello)
	want := ask(h)
	for _, authorization := range []string{"Bearer wrong", userpass("prom", "wrong"), userpass("nobody", "wrong"), "x"} {
		got := ask(h, "Authorization", authorization)
		if got.Code != want.Code || got.Body.String() != want.Body.String() {
			t.Errorf("%s: %d %q", authorization, got.Code, got.Body)
		}
		if diff := cmp.Diff(want.Header(), got.Header()); diff != "" {
			t.Errorf("%s: header (-without any +got):\n%s", authorization, diff)
		}
	}
	if want.Body.String() != "unauthorized\n" {
		t.Errorf("body %q", want.Body)
	}
	challenges := []string{`Bearer realm="metrics"`, `Basic realm="metrics", charset="UTF-8"`}
	if diff := cmp.Diff(challenges, want.Header().Values("WWW-Authenticate")); diff != "" {
		t.Errorf("challenges (-want +got):\n%s", diff)
	}
}

func TestResponsesAreHardened(t *testing.T) {
	t.Parallel()
	h := newGuard(t, guard.WithBearerTokens("token")).Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-cache") // its own
	}))
	for authorization, caching := range map[string]string{"Bearer token": "no-cache", "": "no-store"} {
		got := ask(h, "Authorization", authorization).Header()
		for name, want := range map[string]string{
			"Cache-Control":           caching,
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer",
			"X-Content-Type-Options":  "nosniff",
			"X-Frame-Options":         "DENY",
		} {
			if got.Get(name) != want {
				t.Errorf("%q: %s is %q, want %q", authorization, name, got.Get(name), want)
			}
		}
	}
	if again := ask(h).Header().Get("Cache-Control"); again != "no-store" {
		t.Errorf("a handler changed the header of later responses: %q", again)
	}
}

// A refusal does not wait for a body that never comes.
func TestRefusalReadsNoBody(t *testing.T) {
	t.Parallel()
	h := newGuard(t, guard.WithBearerTokens("token")).Wrap(hello)
	r := httptest.NewRequest(http.MethodPost, "/metrics", readerFunc(func([]byte) (int, error) {
		t.Error("the body was read")
		return 0, io.EOF
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestOpenGuard(t *testing.T) {
	t.Parallel()
	g := newGuard(t, nil)
	if w := ask(g.Wrap(hello)); w.Code != 200 || w.Body.String() != "hello" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if g.Authenticates() || g.TLSConfig() != nil {
		t.Errorf("authenticates %t, TLS %v", g.Authenticates(), g.TLSConfig())
	}
	if !newGuard(t, guard.WithUser("a", "b")).Authenticates() {
		t.Error("a guard with a user does not authenticate")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.server(t, "one")
	_, otherKey := a.server(t, "two")
	certFile, keyFile, otherFile := tempFile(t, cert), tempFile(t, key), tempFile(t, otherKey)
	const secret = "do-not-print"
	for _, test := range []struct {
		name   string
		option guard.Option
		want   []string // parts of the error
	}{
		{"no tokens", guard.WithBearerTokens(), []string{"WithBearerTokens is empty", "at least one"}},
		{"empty token", guard.WithBearerTokens("x", ""), []string{"token 2 is empty", "visible ASCII"}},
		{"token with a space", guard.WithBearerTokens(secret + " x"), []string{"token 1"}},
		{"token that is too long", guard.WithBearerTokens(strings.Repeat(secret, 500)), []string{"6000 bytes long"}},
		{"token with umlaut", guard.WithBearerTokens(secret + "ü"), []string{"token 1"}},
		{"no token file", guard.WithBearerTokenFile("/does/not/exist"), []string{"WithBearerTokenFile", `"/does/not/exist"`, "no such file"}},
		{"folder", guard.WithBearerTokenFile(t.TempDir()), []string{"a regular file"}},
		{"empty token file", guard.WithBearerTokenFile(tempFile(t, " \n,\n")), []string{"no token in it"}},
		{"bad token file", guard.WithBearerTokenFile(tempFile(t, "x "+secret+"\x01")), []string{"token 2 is of more than visible ASCII"}},
		{"huge file", guard.WithBearerTokenFile(tempFile(t, strings.Repeat("x", 1<<20+1))), []string{"at most 1048576 bytes"}},
		{"no user", guard.WithUser("", secret), []string{"WithUser: name", "without colons"}},
		{"user with colon", guard.WithUser("a:b", secret), []string{`WithUser: name is "a:b"`}},
		{"user with control", guard.WithUserFile("a\n", certFile), []string{`WithUserFile: name is "a\n"`}},
		{"long user", guard.WithUser(strings.Repeat("a", 257), secret), []string{"1 to 256 bytes"}},
		{"no password", guard.WithUser("prom", ""), []string{`WithUser("prom"): password is empty`}},
		{"long password", guard.WithUser("prom", strings.Repeat(secret, 200)), []string{"2400 bytes long", "1 to 2048"}},
		{"empty password file", guard.WithUserFile("prom", tempFile(t, "\n")), []string{"WithUserFile", "the password is empty"}},
		{"no certificate", guard.WithCertificate("/no/cert", keyFile), []string{"WithCertificate", `"/no/cert"`}},
		{"not a certificate", guard.WithCertificate(keyFile, certFile), []string{"WithCertificate", "want files that can be used"}},
		{"wrong key", guard.WithCertificate(certFile, otherFile), []string{"private key does not match"}},
		{"no authority", guard.WithClientCertificates(keyFile), []string{"WithClientCertificates", "no certificate in it"}},
		{"either of one", guard.WithEither(), []string{"WithEither", "WithClientCertificates and a token"}},
	} {
		g, err := guard.New(test.option)
		var field *otelsli.FieldError
		if g != nil || !errors.As(err, &field) {
			t.Errorf("%s: error %v", test.name, err)
			continue
		}
		for _, part := range append(test.want, "guard: ", "want ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is missing in: %v", test.name, part, err)
			}
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the secret is in: %v", test.name, err)
		}
	}
}

func TestNewReportsEverything(t *testing.T) {
	t.Parallel()
	_, err := guard.New(guard.WithBearerTokens(""), guard.WithUser("a:b", ""), guard.WithEither())
	if n := strings.Count(err.Error(), "want "); n != 4 {
		t.Errorf("%d problems, want 4: %v", n, err)
	}
	_, err = guard.New(guard.WithBearerTokenFile("/no/tokens"), guard.WithCertificate("/no/cert", "/no/key"), guard.WithClientCertificates("/no/ca"))
	if n := strings.Count(err.Error(), "no such file"); n != 3 {
		t.Errorf("%d problems, want 3: %v", n, err)
	}
}

// Neither a guess nor a right secret ever gets into the log.
func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	h := newGuard(t, logTo(&log), guard.WithBearerTokens("right-token")).Wrap(hello)
	for range 3 {
		ask(h, "Authorization", "Bearer guessed-token")
	}
	ask(h, "Authorization", "Bearer right-token")
	if got := log.String(); strings.Count(got, "refused") != 1 || !strings.Contains(got, "count=1") || strings.Contains(got, "-token") {
		t.Errorf("log:\n%s", got)
	}
}
