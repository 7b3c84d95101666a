package openslo_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/openslo"
)

type labels struct{ Channel string }

const day = 24 * time.Hour

// shop is a catalog with objectives of every kind and of two periods.
func shop(t testing.TB, layout otelsli.Layout, more ...otelsli.Spec) *otelsli.Description {
	t.Helper()
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(layout), otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
		t.Fatal(err)
	}
	specs := append([]otelsli.Spec{
		{
			Name: "place_order", Description: "A customer places an order.", FeatureCategory: "checkout", Owner: "team-checkout",
			Threshold: 300 * time.Millisecond, Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.95},
		},
		{Name: "search", Kind: otelsli.ErrorRate, Objective: otelsli.Objective{Availability: 0.9, Window: 7 * day}},
		{Name: "watched_only"},
	}, more...)
	for _, spec := range specs {
		if _, err := otelsli.New(spec, []labels{{"web"}}, otelsli.WithCatalog(c)); err != nil {
			t.Fatal(err)
		}
	}
	return c.Describe()
}

func generate(t testing.TB, d *otelsli.Description, options ...openslo.Option) *openslo.Set {
	t.Helper()
	set, err := openslo.Generate(d, "shop", options...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func write(t testing.TB, set *openslo.Set, f openslo.Format) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := set.Write(&buf, f); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// decode reads one document strictly: a field that the target does not know is an error.
func decode(t testing.TB, data []byte, into any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
}

// documents splits a stream.
func documents(t testing.TB, data []byte) [][]byte {
	t.Helper()
	var all [][]byte
	for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var node yaml.Node
		err := d.Decode(&node)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		one, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}
