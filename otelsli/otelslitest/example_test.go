package otelslitest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/otelslitest"
)

// A shop's package: an SLI in a variable and an operation that it judges.

type OrderLabels struct{ Channel, Tier string }

var placeOrder = otelsli.MustNew(otelsli.Spec{
	Name:        "place_order",
	Description: "A customer places an order.",
	Threshold:   300 * time.Millisecond,
}, []OrderLabels{{"web", "gold"}, {"web", "free"}})

func place(ctx context.Context, channel, tier string, stock int) (err error) {
	defer placeOrder.Start(ctx, OrderLabels{channel, tier}).End(&err)
	if stock == 0 {
		return errors.New("sold out")
	}
	return nil
}

// t stands for the *testing.T of a test function; it prints failures.
var t testing.TB = new(printer)

type printer struct{ testing.TB }

func (*printer) Helper() {}

func (*printer) Errorf(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf("FAIL: "+format, args...)) {
		fmt.Println(strings.TrimRight(line, " \n"))
	}
}

// The SLI is a package variable, which other tests use too.
func ExampleAssertDelta() {
	otelslitest.AssertDelta(t, placeOrder, OrderLabels{"web", "gold"}, otelsli.Counts{otelsli.Failed: 1}, func() {
		_ = place(context.Background(), "web", "gold", 0)
	})
	// Output:
}

// A failure shows what was counted instead; here the labels are wrong.
func ExampleAssertDelta_failure() {
	otelslitest.AssertDelta(t, placeOrder, OrderLabels{"web", "gold"}, otelsli.Counts{otelsli.Failed: 1}, func() {
		_ = place(context.Background(), "web", "free", 0)
	})
	// Output:
	// FAIL: SLI "place_order", labels {Channel:web Tier:gold}: counted nothing, want 1 failed
	//   success  slow  failed  ignored  series
	//         0     0       1        0  {channel="web",tier="free"}
	//   1 series without an event
}

// A test with its own catalog can check all events counted so far.
func ExampleAssertOutcome() {
	catalog := otelsli.NewCatalog() // in a test: otelslitest.NewCatalog(t)
	login := otelsli.MustNew[struct{}](otelsli.Spec{Name: "login"}, nil, otelsli.WithCatalog(catalog))

	err := login.Do(context.Background(), struct{}{}, func(context.Context) error { return errors.New("no database") })

	otelslitest.AssertOutcome(t, login, struct{}{}, otelsli.Failed, 1)
	fmt.Println(err, otelslitest.Counts(login, struct{}{}))
	// Output: no database [0 0 1 0]
}

// Use it at the end of a test that sends all kinds of requests.
func ExampleAssertNoUndeclared() {
	catalog := otelsli.NewCatalog() // in a test: otelslitest.NewCatalog(t)
	if err := catalog.Configure(otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
		fmt.Println(err)
	}
	serve := otelsli.MustNew(otelsli.Spec{Name: "serve"}, []OrderLabels{{"web", "gold"}}, otelsli.WithCatalog(catalog))
	serve.Record(context.Background(), OrderLabels{"app", "silver"}, otelsli.Success)

	otelslitest.AssertNoOverflow(t, catalog) // holds: it was kept
	otelslitest.AssertNoUndeclared(t, catalog)
	// Output:
	// FAIL: SLI "serve": 1 events whose labels were not declared
	//   success  slow  failed  ignored  series
	//         1     0       0        0  {channel="app",tier="silver"} undeclared
	//   1 series without an event
}

func ExampleAssertInitialized() {
	otelslitest.AssertInitialized(t, placeOrder, OrderLabels{"web", "gold"}, OrderLabels{"web", "free"})
	// Output:
}
