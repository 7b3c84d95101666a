package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// catalogPath is the path at which sliprom serves the catalog.
const catalogPath = "/slis.json"

// redacted removes the secrets that a URL may contain from a source: the user name, the password and the query.
func redacted(from string) string {
	if u, err := url.Parse(from); err == nil && isURL(from) {
		u.RawQuery, u.Fragment = "", ""
		if u.User != nil {
			u.User = url.User(hidden)
		}
		return u.String()
	}
	if !isURL(from) && !address.MatchString(from) {
		return from
	}
	start := 0 // of a malformed URL
	if i := strings.Index(from, "://"); i >= 0 {
		start = i + len("://")
	}
	if at := strings.LastIndex(from, "@"); at >= start {
		from = from[:start] + hidden + from[at:]
	}
	from, _, _ = strings.Cut(from, "?")
	return from
}

// hidden replaces a secret.
const hidden = "xxxxx"

func (r Reader) path(name string) string {
	if r.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.Dir, name)
}

// fetch reads the catalog of a running service.
func (r Reader) fetch(ctx context.Context, from string) ([]byte, error) {
	u, err := url.Parse(from)
	if err != nil {
		return nil, errors.New("want a URL such as http://127.0.0.1:9464")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = catalogPath
	}
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if err := r.authorize(request); err != nil {
		return nil, err
	}
	r.tell("fetching the catalog from " + u.Host)
	data, err := ask(client, request)
	if err != nil && ctx.Err() != nil {
		return nil, ended(ctx)
	}
	return data, err
}

// ask sends the request and reads the response.
func ask(client *http.Client, request *http.Request) ([]byte, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refused(response)
	}
	return limited(response.Body)
}

// refused returns the error, with advice, for a response with another status than 200.
func refused(response *http.Response) error {
	advice := ""
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		advice = ": want a token, in --token-file or OTELSLI_TOKEN"
		if response.Request.Header.Get("Authorization") != "" {
			advice = ": the server rejects this token: want another one, in --token-file or OTELSLI_TOKEN"
		}
	case http.StatusNotFound:
		advice = ": want the address of the metrics endpoint, which serves " + catalogPath
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		advice = ": want the address it redirects to, " + term.Plain(response.Header.Get("Location"))
	}
	return fmt.Errorf("answered %s%s", term.Plain(response.Status), advice)
}

// withoutURL drops the URL that net/http adds to an error: the source is named anyway.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// authorize adds the token to the request.
func (r Reader) authorize(request *http.Request) error {
	token := r.Token
	if r.TokenFile != "" {
		data, err := os.ReadFile(r.path(r.TokenFile))
		if err != nil {
			return fmt.Errorf("token: %w", err)
		}
		token = strings.TrimSpace(string(data))
		if token == "" {
			return fmt.Errorf("token file %s is empty: want a bearer token", r.TokenFile)
		}
	}
	if strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return errors.New("token contains characters that are not allowed in a bearer token: want one line of printable ASCII")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// client returns a client that follows no redirects, so that the token is not sent elsewhere.
func (r Reader) client() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if r.CAFile != "" {
		pem, err := os.ReadFile(r.path(r.CAFile))
		if err != nil {
			return nil, fmt.Errorf("CA: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CA file %s has no certificate: want PEM", r.CAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
