package otelsli_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
)

// pair is the type of labels of most tests.
type pair struct{ Channel, Tier string }

var (
	webGold = pair{"web", "gold"}
	webFree = pair{"web", "free"}
	appGold = pair{"app", "gold"}
)

// checkout is a valid declaration with both kinds.
func checkout() otelsli.Spec {
	return otelsli.Spec{
		Name:        "checkout",
		Description: "A customer pays.",
		Threshold:   300 * time.Millisecond,
		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}
}

// declare declares an SLI that is right, in c.
func declare[L comparable](t testing.TB, c *otelsli.Catalog, spec otelsli.Spec, declared []L, options ...otelsli.Option) *otelsli.SLI[L] {
	t.Helper()
	s, err := otelsli.New(spec, declared, append(options, otelsli.WithCatalog(c))...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quiet is a catalog that logs nothing.
func quiet() *otelsli.Catalog {
	c, _ := logging(slog.DiscardHandler)
	return c
}

func logging(h slog.Handler) (*otelsli.Catalog, error) {
	c := otelsli.NewCatalog()
	return c, c.Configure(otelsli.WithLogger(slog.New(h)))
}

// logged is a catalog whose log can be read.
func logged(t testing.TB) (*otelsli.Catalog, *lines) {
	t.Helper()
	log := new(lines)
	c, err := logging(slog.NewTextHandler(log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c, log
}

// lines is a log that several goroutines write.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// with returns the lines that have all of the words.
func (l *lines) with(words ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
next:
	for line := range strings.Lines(l.buf.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		found = append(found, strings.TrimSpace(line))
	}
	return found
}

// handled is what went to otel.Handle.
var handled lines

// handles returns the lines with these words that go to otel.Handle while f runs.
func handles(f func(), words ...string) []string {
	before := len(handled.with(words...))
	f()
	return handled.with(words...)[before:]
}

func TestMain(m *testing.M) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { handled.Write([]byte(err.Error() + "\n")) }))
	os.Exit(m.Run())
}

// collected reads a catalog into values by `name{key=value,…}`. A series that comes twice is an
// error.
func collected(t testing.TB, c *otelsli.Catalog) map[string]int64 {
	t.Helper()
	values := make(map[string]int64)
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				v, ok := p.Value(i)
				if !ok {
					continue
				}
				key := seriesKey(counter.Name, p.Attributes(i))
				if _, twice := values[key]; twice {
					t.Errorf("%s was collected twice", key)
				}
				values[key] = v
			}
		}
	}
	return values
}

func seriesKey(name string, set attribute.Set) string {
	return name + "{" + set.Encoded(attribute.DefaultEncoder()) + "}"
}

// familyOf returns the family of an SLI.
func familyOf(t testing.TB, c *otelsli.Catalog, name string) *otelsli.Family {
	t.Helper()
	for f := range c.Collect() {
		if f.Name() == name {
			return f
		}
	}
	t.Fatalf("no family %q", name)
	return nil
}

// points counts the series of an SLI.
func points(t testing.TB, c *otelsli.Catalog, name string) int {
	t.Helper()
	n := 0
	for range familyOf(t, c, name).Points() {
		n++
	}
	return n
}

// sum adds up all series of an SLI.
func sum(t testing.TB, c *otelsli.Catalog, name string) (total otelsli.Counts) {
	t.Helper()
	for p := range familyOf(t, c, name).Points() {
		for o, n := range p.Counts {
			total[o] += n
		}
	}
	return total
}

// undeclared returns the events in the family of undeclared events for an SLI.
func undeclared(t testing.TB, c *otelsli.Catalog, sli string) (kept, overflow int64) {
	t.Helper()
	for p := range familyOf(t, c, "undeclared").Points() {
		set := p.Attributes(0)
		if name, _ := set.Value("sli"); name.AsString() != sli {
			continue
		}
		v, _ := p.Value(0)
		if kind, _ := set.Value("series"); kind.AsString() == otelsli.SeriesKept {
			kept = v
		} else {
			overflow = v
		}
	}
	return kept, overflow
}

// fieldErrors takes a joined error apart.
func fieldErrors(err error) []otelsli.FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []otelsli.FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, fieldErrors(e)...)
		}
		return all
	}
	if fe, ok := errors.AsType[*otelsli.FieldError](err); ok {
		return []otelsli.FieldError{*fe}
	}
	return nil
}

// wantCounts fails unless the series of labels has counted just this.
func wantCounts[L comparable](t testing.TB, s *otelsli.SLI[L], labels L, want otelsli.Counts) {
	t.Helper()
	b, ok := s.Lookup(labels)
	if !ok {
		t.Errorf("%s: no series %+v", s.Name(), labels)
	}
	if got := b.Counts(); got != want {
		t.Errorf("%s: %+v counted %v, want %v", s.Name(), labels, got, want)
	}
}

// handlerFunc is a log handler that runs a function for each record.
type handlerFunc func()

func (f handlerFunc) Enabled(context.Context, slog.Level) bool { return true }

func (f handlerFunc) Handle(context.Context, slog.Record) error {
	f()
	return nil
}

func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f handlerFunc) WithGroup(string) slog.Handler { return f }
