package source_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/source"
	"github.com/otelsli/otelsli-go/otelsli"
)

// described returns the JSON of a catalog with one SLI.
func described(t *testing.T) string {
	t.Helper()
	catalog := otelsli.NewCatalog()
	if _, err := otelsli.New(otelsli.Spec{Name: "place_order"}, []struct{ Channel string }{{"web"}}, otelsli.WithCatalog(catalog)); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(catalog.Describe())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func names(d *otelsli.Description) (all []string) {
	for _, sli := range d.SLIs {
		all = append(all, sli.Name)
	}
	return all
}

func TestFilesAndStandardInput(t *testing.T) {
	t.Parallel()
	text := described(t)
	for _, from := range []string{"-", write(t, "slis.json", text), write(t, "any.name", text)} {
		d, err := source.Reader{Stdin: strings.NewReader(text)}.Read(t.Context(), from)
		if err != nil || !slices.Equal(names(d), []string{"place_order"}) {
			t.Errorf("%s: %v, %v", from, d, err)
		}
	}
	for from, want := range map[string]string{
		"missing.json":             "missing.json: no such file",
		"localhost:9464":           "has no scheme: want http://localhost:9464, or https",
		"10.0.0.7:9464/metrics":    "has no scheme: want http://10.0.0.7:9464/metrics",
		write(t, "bad.json", "{"):  "parse description",
		write(t, "old.json", "{}"): "version is 0",
		"":                         "want a Go package such as ./cmd/shop",
		"--help":                   "want a Go package",
	} {
		if _, err := (source.Reader{}).Read(t.Context(), from); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", from, err, want)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	text := described(t)
	const token = "s3cr3t"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "https://other.example/slis.json", http.StatusFound)
		case r.URL.Path == "/text":
			_, _ = w.Write([]byte("# HELP sli_place_order_total Events.\n"))
		case r.URL.Path != "/slis.json" && r.URL.Path != "/custom":
			http.NotFound(w, r)
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = w.Write([]byte(text))
		}
	}))
	defer server.Close()
	ca := write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	good := source.Reader{CAFile: ca, TokenFile: write(t, "token", token+"\n")}
	for name, test := range map[string]struct {
		reader source.Reader
		path   string
		want   string // in the error; "": no error
	}{
		"root":          {good, "", ""},
		"slash":         {good, "/", ""},
		"path":          {good, "/custom?x=1", ""},
		"token":         {source.Reader{CAFile: ca, Token: token}, "", ""},
		"no token":      {source.Reader{CAFile: ca}, "", "401 Unauthorized: want a token, in --token-file"},
		"another token": {source.Reader{CAFile: ca, Token: "an0ther"}, "", "401 Unauthorized: the server rejects this token"},
		"no JSON":       {good, "/text", "the answer is not JSON: want only the address"},
		"bad token":     {source.Reader{CAFile: ca, Token: "a\nb"}, "", "want one line of printable ASCII"},
		"empty token":   {source.Reader{CAFile: ca, TokenFile: write(t, "token", "\n")}, "", "is empty: want a bearer token"},
		"no CA":         {source.Reader{Token: token}, "", "certificate"},
		"CA of nothing": {source.Reader{CAFile: write(t, "ca", "x")}, "", "has no certificate: want PEM"},
		"not found":     {good, "/metrics", "404 Not Found: want the address of the metrics endpoint"},
		"redirect":      {good, "/moved", "want the address it redirects to, https://other.example/slis.json"},
	} {
		d, err := test.reader.Read(t.Context(), server.URL+test.path)
		switch {
		case test.want == "" && (err != nil || len(d.SLIs) != 1):
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", name, err, test.want)
		case err != nil && strings.Contains(err.Error(), token):
			t.Errorf("%s: shows the token: %v", name, err)
		}
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	for _, from := range []string{
		"http://user:s3cr3t@127.0.0.1:1/?token=s3cr3t",
		"http://s3cr3t@127.0.0.1:1/#s3cr3t",
		"http://user:s3cr3t%zz@127.0.0.1:1/", // malformed, but meant as a URL
		"http://user:s3/s3cr3t@127.0.0.1:1/x?s3cr3t",
		"http://127.0.0.1:port/?s3cr3t",
		"user:s3cr3t@127.0.0.1:1",
	} {
		_, err := source.Reader{Timeout: time.Second}.Read(t.Context(), from)
		if err == nil || strings.Contains(err.Error(), "s3") || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", from, err)
		}
	}
}

func TestGoPackages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds packages")
	}
	before := tree(t)
	var told, noted []string
	d, err := source.Reader{
		Progress: func(what string) { told = append(told, what) }, Notice: func(text string) { noted = append(noted, text) },
	}.Read(t.Context(), "./testdata/shop")
	if err != nil || !slices.Equal(names(d), []string{"place_order", "reserve"}) {
		t.Errorf("a command: %v, %v", d, err)
	}
	if len(told) != 3 || !strings.HasPrefix(told[1], "building github.com/otelsli/") {
		t.Errorf("told %q", told)
	}
	if len(noted) != 1 || !strings.Contains(noted[0], "shows only the SLIs in its package-level variables") {
		t.Errorf("noted %q", noted)
	}
	d, err = source.Reader{Dir: "testdata"}.Read(t.Context(), "./shop/internal/stock")
	if err != nil || !slices.Equal(names(d), []string{"reserve"}) {
		t.Errorf("an internal library: %v, %v", d, err)
	}
	elsewhere := module(t)
	if d, err = (source.Reader{}).Read(t.Context(), elsewhere); err != nil || !slices.Equal(names(d), []string{"elsewhere"}) {
		t.Errorf("another module: %v, %v", d, err)
	}
	for from, want := range map[string]string{
		"./testdata/empty":   "declares no SLI in a package-level variable",
		"./testdata/broken":  "undefined: missing",
		"./testdata/exits":   "exits during initialisation",
		"./testdata/...":     "matches",
		"./testdata/missing": "neither a file nor a Go package here: stat ",
	} {
		if _, err := (source.Reader{}).Read(t.Context(), from); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", from, err, want)
		}
	}
	if after := tree(t); !slices.Equal(before, after) {
		t.Errorf("leaves files: %q, before %q", after, before)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a package")
	}
	_, err := source.Reader{Timeout: 15 * time.Second}.Read(t.Context(), "./testdata/hangs")
	if err == nil || !strings.Contains(err.Error(), "see --timeout") {
		t.Errorf("%v", err)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := source.Reader{Progress: func(string) { cancel() }}.Read(ctx, "./testdata/shop")
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
}

// A read from a terminal, pipe or server that never answers ends with the command.
func TestInterruptedReads(t *testing.T) {
	t.Parallel()
	pipe, hold := io.Pipe()
	defer hold.Close()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	for _, from := range []string{"-", server.URL} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := source.Reader{Stdin: pipe, Progress: func(string) { cancel() }}.Read(ctx, from)
		if err == nil || !strings.HasSuffix(err.Error(), ": interrupted") {
			t.Errorf("%s: %v", from, err)
		}
		_, err = source.Reader{Stdin: pipe, Timeout: time.Millisecond}.Read(t.Context(), from)
		if err == nil || !strings.Contains(err.Error(), "took too long: context deadline exceeded (see --timeout)") {
			t.Errorf("%s: %v", from, err)
		}
	}
}

// module creates another module that uses this one, with the go.mod and go.sum it needs.
func module(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const this = "github.com/otelsli/otelsli-go"
	text := strings.Replace(string(mod), "module "+this, "module example.com/elsewhere", 1) +
		"\nrequire " + this + " v0.0.0\n\nreplace " + this + " => " + root + "\n"
	dir = t.TempDir()
	for name, content := range map[string]string{
		"go.mod": text,
		"go.sum": string(sum),
		"slis.go": "package elsewhere\n\nimport \"" + this + "/otelsli\"\n\n" +
			"var _ = otelsli.MustNew(otelsli.Spec{Name: \"elsewhere\"}, []struct{}{{}})\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tree lists all files in the working directory.
func tree(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.Walk(".", func(path string, _ os.FileInfo, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
