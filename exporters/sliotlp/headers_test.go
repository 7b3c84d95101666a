package sliotlp

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestParseHeaders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want map[string]string
	}{
		{"", map[string]string{}},
		{" , ,", map[string]string{}},
		{"a=b", map[string]string{"a": "b"}},
		{" a = b , C=d e ", map[string]string{"a": "b", "C": "d e"}},
		{"Authorization=Basic%20dXNlcjpwdw==", map[string]string{"Authorization": "Basic dXNlcjpwdw=="}},
		{"Authorization=Basic dXNlcjpwdw%3D%3D", map[string]string{"Authorization": "Basic dXNlcjpwdw=="}},
		{"a=x%2Cy,b=100%25", map[string]string{"a": "x,y", "b": "100%"}},
		{"a=x+y", map[string]string{"a": "x+y"}},
		{"a=", map[string]string{"a": ""}},
		{"a=b;c=d", map[string]string{"a": "b;c=d"}},
	} {
		got, err := ParseHeaders(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestParseHeadersErrors(t *testing.T) {
	t.Parallel()
	for text, parts := range map[string][]string{
		"s3cret":                 {"headers: member 1 is text that is not shown: want key=value; a comma within a value is written %2C"},
		"a=b, s3cret":            {"headers: member 2 is text that is not shown"},
		"a=s3cret%zz":            {`headers: member 1 is that of "a": want a value that is percent-encoded`},
		"two words=s3cret":       {`that of "two words": want a key that is a header name`},
		"=s3cret":                {"member 1 is text that is not shown: want a key"},
		"a=s3cret,A=s3cret":      {`member 2 is that of "A": want each key once`},
		"a=s3cret%,b=ok,=s3cret": {"member 1 is", "member 3 is"},
	} {
		headers, err := ParseHeaders(text)
		if err == nil || headers != nil {
			t.Errorf("%q: %v, %v", text, headers, err)
			continue
		}
		if _, ok := errors.AsType[*otelsli.FieldError](err); !ok {
			t.Errorf("%q: %T is no FieldError", text, err)
		}
		for _, part := range parts {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %q, want %q in it", text, err, part)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: error %q shows a value", text, err)
		}
	}
}

// FuzzParseHeaders wants keys that are header names, and the same headers when they are written
// and read again.
func FuzzParseHeaders(f *testing.F) {
	for _, seed := range []string{"a=b,c=d", "Authorization=Basic%20x==", "a=%zz", ",=,", "a=b,A=c", "a=\x00", "k=%2C%25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		headers, err := ParseHeaders(text)
		if (err == nil) != (headers != nil) {
			t.Fatalf("%q: %v, %v", text, headers, err)
		}
		var members []string
		for k, v := range headers {
			if http.CanonicalHeaderKey(k) == "" {
				t.Fatalf("%q: key %q", text, k)
			}
			members = append(members, k+"="+url.PathEscape(v))
		}
		again, err := ParseHeaders(strings.Join(members, ","))
		if err != nil {
			t.Fatalf("%q: read again: %v", text, err)
		}
		for k, v := range headers {
			if again[k] != v {
				t.Fatalf("%q: %q is %q, read again %q", text, k, v, again[k])
			}
		}
	})
}

// FuzzHeaderSecrecy wants no value in an error.
func FuzzHeaderSecrecy(f *testing.F) {
	f.Add("a=", "\n")
	f.Add("", "%zz")
	f.Add("b c=", "")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "5ecret5ecret"
		if strings.Contains(after, "=") {
			return // the secret might be a key
		}
		if _, err := ParseHeaders(before + secret + after); err != nil && strings.Contains(err.Error(), secret) {
			t.Fatalf("error %q", err)
		}
	})
}
