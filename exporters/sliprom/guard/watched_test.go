package guard_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
)

// look is a little more than the time after which a change is noticed.
const look = time.Second + time.Millisecond

func TestTokenFileIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		path := tempFile(t, "old")
		h := newGuard(t, logTo(&log), guard.WithBearerTokenFile(path), guard.WithoutRateLimit()).Wrap(hello)
		want := func(when, token string, code int) {
			t.Helper()
			if got := ask(h, "Authorization", "Bearer "+token).Code; got != code {
				t.Errorf("%s, %s: status %d, want %d", when, token, got, code)
			}
		}
		want("at first", "old", 200)
		write(t, path, "new") // of the same size, at the same time
		want("too early to look", "new", 401)
		time.Sleep(look)
		want("rotated", "new", 200)
		want("rotated", "old", 401)

		for _, broken := range []string{"", "\x01\x02", strings.Repeat("x", 5000)} {
			write(t, path, broken)
			time.Sleep(look)
			want("broken", "new", 200)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(look)
		want("gone", "new", 200)
		if n := strings.Count(log.String(), "cannot be used"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, log.String())
		}
		write(t, path, "new, newer")
		time.Sleep(look)
		want("repaired", "newer", 200)
		want("repaired", "new", 200)
		if n := strings.Count(log.String(), "can be used again"); n != 1 {
			t.Errorf("recovery logged %d times:\n%s", n, log.String())
		}
	})
}

func TestPasswordFileIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := tempFile(t, "one\n")
		h := newGuard(t, guard.WithUserFile("prom", path)).Wrap(hello)
		write(t, path, "two\n")
		time.Sleep(look)
		for password, code := range map[string]int{"one": 401, "two": 200} {
			if got := ask(h, "Authorization", userpass("prom", password)).Code; got != code {
				t.Errorf("%s: status %d, want %d", password, got, code)
			}
		}
	})
}

// Kubernetes replaces a link to a folder.
func TestLinkIsFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for _, version := range []string{"1", "2"} {
			if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, version, "token"), "token-"+version)
		}
		link := filepath.Join(dir, "data")
		if err := os.Symlink("1", link); err != nil {
			t.Fatal(err)
		}
		h := newGuard(t, guard.WithBearerTokenFile(filepath.Join(link, "token"))).Wrap(hello)
		next := filepath.Join(dir, "next")
		if err := os.Symlink("2", next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, link); err != nil {
			t.Fatal(err)
		}
		time.Sleep(look)
		for token, code := range map[string]int{"token-1": 401, "token-2": 200} {
			if got := ask(h, "Authorization", "Bearer "+token).Code; got != code {
				t.Errorf("%s: status %d, want %d", token, got, code)
			}
		}
	})
}
