package guard

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// maxSecret is the longest Authorization value that is examined, in bytes: hashing what strangers
// send must be cheap.
const maxSecret = 4 << 10

// Requirements for secrets.
const (
	maxToken    = 4000
	maxName     = 256
	maxPassword = 2 << 10 // together with the name, as base64, it fits into maxSecret
	visibleText = "visible ASCII characters, at most 4000 of them"
	goodBasic   = "1 to 2048 bytes"
)

// Schemes of the Authorization header.
const (
	bearer = "bearer"
	basic  = "basic"
)

// A secret is the hash of what a client must present. Its text is not kept.
type secret struct {
	digest   [sha256.Size]byte
	identity string
}

// secrets returns the current secrets of one source.
type secrets func() []secret

func newSecret(scheme, text, identity string) secret {
	return secret{digest: digest(scheme, text), identity: identity}
}

// digest hashes a secret. Hashes all have the same length, so comparing two takes the same time
// whatever they are.
func digest(scheme, text string) [sha256.Size]byte {
	buffer := make([]byte, 0, len(basic)+1+maxSecret)
	buffer = append(buffer, scheme...)
	buffer = append(buffer, 0)
	return sha256.Sum256(append(buffer, text...))
}

// matchHeader returns the identity whose secret is in the Authorization header. It compares with
// all secrets, so that an unknown user takes as long as a wrong password.
func (g *Guard) matchHeader(h http.Header) (identity string, ok bool) {
	scheme, text, ok := presented(h)
	if !ok {
		return "", false
	}
	got, found := digest(scheme, text), 0
	for _, list := range g.secrets {
		for _, s := range list() {
			if subtle.ConstantTimeCompare(got[:], s.digest[:]) == 1 {
				identity, found = s.identity, 1
			}
		}
	}
	return identity, found == 1
}

// presented returns the secret that a client presents: a token, or name:password.
func presented(h http.Header) (scheme, text string, ok bool) {
	values := h["Authorization"]
	if len(values) != 1 || len(values[0]) > maxSecret {
		return "", "", false
	}
	scheme, text, ok = strings.Cut(values[0], " ")
	text = strings.TrimLeft(text, " ")
	switch {
	case !ok || text == "":
		return "", "", false
	case strings.EqualFold(scheme, bearer):
		return bearer, text, true
	case strings.EqualFold(scheme, basic):
		decoded, err := base64.StdEncoding.DecodeString(text)
		return basic, string(decoded), err == nil
	}
	return "", "", false
}

// openSecrets reads the secrets and builds the challenge for them.
func (g *Guard) openSecrets(c config) error {
	var fixed []secret
	for i, t := range c.tokens {
		fixed = append(fixed, newSecret(bearer, t, fmt.Sprintf("token %d", i+1)))
	}
	var errs []error
	for _, path := range c.tokenFiles {
		errs = append(errs, g.watchSecrets(c, "WithBearerTokenFile", path, parseTokens(path)))
	}
	for _, u := range c.users {
		if u.fromFile {
			errs = append(errs, g.watchSecrets(c, "WithUserFile", u.file, parsePassword(u.name)))
			continue
		}
		fixed = append(fixed, newSecret(basic, u.name+":"+u.password, "user "+u.name))
	}
	if len(fixed) > 0 {
		g.secrets = append(g.secrets, func() []secret { return fixed })
	}
	if len(c.tokens)+len(c.tokenFiles) > 0 {
		g.challenge = append(g.challenge, `Bearer realm="metrics"`)
	}
	if len(c.users) > 0 {
		g.challenge = append(g.challenge, `Basic realm="metrics", charset="UTF-8"`)
	}
	return errors.Join(errs...)
}

func (g *Guard) watchSecrets(c config, option, path string, parse func([][]byte) ([]secret, error)) error {
	w, err := watch(c.log, option, parse, path)
	if err != nil {
		return err
	}
	g.secrets = append(g.secrets, w.current)
	return nil
}

// parseTokens parses a file of tokens. Its errors give the position of a problem, not the text
// there.
func parseTokens(path string) func([][]byte) ([]secret, error) {
	return func(contents [][]byte) (list []secret, err error) {
		separator := func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }
		for i, token := range strings.FieldsFunc(string(contents[0]), separator) {
			if why := badToken(token); why != "" {
				return nil, fmt.Errorf("token %d is %s: want %s", i+1, why, visibleText)
			}
			list = append(list, newSecret(bearer, token, fmt.Sprintf("token %d of %s", i+1, path)))
		}
		if list == nil {
			return nil, errors.New("no token in it: want tokens, separated by commas, spaces or lines")
		}
		return list, nil
	}
}

func parsePassword(name string) func([][]byte) ([]secret, error) {
	return func(contents [][]byte) ([]secret, error) {
		password := string(bytes.TrimRight(contents[0], "\r\n"))
		if why := badPassword(password); why != "" {
			return nil, fmt.Errorf("the password is %s: want %s", why, goodBasic)
		}
		return []secret{newSecret(basic, name+":"+password, "user "+name)}, nil
	}
}

// badPassword says what is wrong with a password without showing it, or returns "".
func badPassword(password string) string {
	switch n := len(password); {
	case n == 0:
		return "empty"
	case n > maxPassword:
		return strconv.Itoa(n) + " bytes long"
	}
	return ""
}

// badToken says what is wrong with a token without showing it, or returns "".
func badToken(token string) string {
	switch n := len(token); {
	case n == 0:
		return "empty"
	case n > maxToken:
		return strconv.Itoa(n) + " bytes long"
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "of more than visible ASCII"
	}
	return ""
}
