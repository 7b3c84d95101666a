package otelsli_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

type Tier int

const (
	Free Tier = iota
	Gold
)

func (t Tier) String() string { return [...]string{"free", "gold"}[t] }

type OrderLabels struct {
	Channel string
	Tier    Tier
}

// An application declares its SLIs in package variables, next to the code they judge.
var placeOrder = otelsli.MustNew(otelsli.Spec{
	Name:            "place_order",
	Description:     "A customer places an order.",
	FeatureCategory: "checkout",
	Threshold:       300 * time.Millisecond,
	Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.99},
}, []OrderLabels{{"web", Gold}, {"web", Free}, {"app", Gold}, {"app", Free}})

var errSoldOut = errors.New("sold out")

type Shop struct{ stock int }

// Place needs one line to record its SLI.
func (s *Shop) Place(ctx context.Context, channel string, tier Tier) (err error) {
	defer placeOrder.Start(ctx, OrderLabels{channel, tier}).End(&err)

	if s.stock == 0 {
		return errSoldOut
	}
	s.stock--
	return nil
}

func Example() {
	shop := &Shop{stock: 2}
	for range 3 {
		shop.Place(context.Background(), "web", Gold)
	}

	counts := placeOrder.With(OrderLabels{"web", Gold}).Counts()
	fmt.Println(counts[otelsli.Success], "succeeded,", counts[otelsli.Failed], "failed")
	// Output: 2 succeeded, 1 failed
}

// A library takes the catalog from its user and returns the error of New.
func ExampleNew() {
	type Labels struct{ Queue string }

	newConsumer := func(catalog *otelsli.Catalog) (*otelsli.SLI[Labels], error) {
		return otelsli.New(otelsli.Spec{
			Name:        "consume",
			Description: "A message is processed.",
			Threshold:   time.Second,
		}, []Labels{{"orders"}, {"returns"}}, otelsli.WithCatalog(catalog))
	}

	consume, err := newConsumer(otelsli.NewCatalog())
	fmt.Println(consume.Name(), err)
	// Output: consume <nil>
}

// All problems of a declaration are reported at once.
func ExampleNew_invalid() {
	type Labels struct{ Job string }

	_, err := otelsli.New(otelsli.Spec{
		Name:      "Checkout",
		Objective: otelsli.Objective{Availability: 99.9},
	}, []Labels{{""}}, otelsli.WithCatalog(otelsli.NewCatalog()))
	fmt.Println(err)
	// Output:
	// otelsli: SLI "Checkout": Name is "Checkout": want lower snake case such as "place_order"
	// otelsli: SLI "Checkout": Objective.Availability is 99.9: want a ratio between 0 and 1, such as 0.999, or 0 for none
	// otelsli: SLI "Checkout": label is "job": want another name: this one is set by Prometheus or by the library
	// otelsli: SLI "Checkout": declared labels [""]: job is "": want a value: Prometheus cannot tell an empty one from none
}

// An SLI without labels has one series.
func ExampleMustNew() {
	backup := otelsli.MustNew[struct{}](otelsli.Spec{Name: "backup"}, nil,
		otelsli.WithCatalog(otelsli.NewCatalog()))

	backup.Record(context.Background(), struct{}{}, otelsli.Success)
	fmt.Println(backup.With(struct{}{}).Counts().Total())
	// Output: 1
}

func ExampleSLI_Start() {
	ctx := context.Background()
	login := otelsli.MustNew[struct{}](otelsli.Spec{Name: "login"}, nil, otelsli.WithCatalog(otelsli.NewCatalog()))

	handle := func(password string) (err error) {
		defer login.Start(ctx, struct{}{}).End(&err)
		if password != "secret" {
			return errors.New("wrong password")
		}
		return nil
	}
	handle("secret")
	handle("guess")

	fmt.Println(login.With(struct{}{}).Counts().SuccessRatio())
	// Output: 0.5 true
}

func ExampleSLI_Do() {
	type Labels struct{ Report string }
	render := otelsli.MustNew(otelsli.Spec{Name: "render"}, []Labels{{"daily"}}, otelsli.WithCatalog(otelsli.NewCatalog()))

	err := render.Do(context.Background(), Labels{"daily"}, func(ctx context.Context) error {
		return errors.New("no data")
	})
	fmt.Println(err)
	fmt.Println(render.With(Labels{"daily"}).Counts()[otelsli.Failed], "failed")
	// Output:
	// no data
	// 1 failed
}

func ExampleSLI_Observe() {
	type Labels struct{ Queue string }
	ctx := context.Background()
	consume := otelsli.MustNew(otelsli.Spec{
		Name:      "consume",
		Threshold: time.Second,
	}, []Labels{{"orders"}}, otelsli.WithCatalog(otelsli.NewCatalog()))

	consume.Observe(ctx, Labels{"orders"}, 200*time.Millisecond, nil)
	consume.Observe(ctx, Labels{"orders"}, 3*time.Second, nil)
	consume.Observe(ctx, Labels{"orders"}, 5*time.Millisecond, errors.New("poison message"))

	counts := consume.With(Labels{"orders"}).Counts()
	for o, n := range counts {
		fmt.Println(otelsli.Outcome(o), n)
	}
	// Output:
	// success 1
	// slow 1
	// failed 1
	// ignored 0
}

func ExampleSLI_Record() {
	type Labels struct{ Provider string }
	ctx := context.Background()
	pay := otelsli.MustNew(otelsli.Spec{Name: "pay"}, []Labels{{"visa"}}, otelsli.WithCatalog(otelsli.NewCatalog()))

	for _, status := range []int{200, 200, 402, 503} {
		outcome := otelsli.Success
		switch {
		case status >= 500:
			outcome = otelsli.Failed
		case status >= 400:
			outcome = otelsli.Ignored
		}
		pay.Record(ctx, Labels{"visa"}, outcome)
	}
	fmt.Println(pay.With(Labels{"visa"}).Counts())
	// Output: [2 0 1 1]
}

func ExampleSLI_With() {
	type Labels struct{ Shard int }
	ctx := context.Background()
	read := otelsli.MustNew(otelsli.Spec{Name: "read"}, []Labels{{0}, {1}}, otelsli.WithCatalog(otelsli.NewCatalog()))

	shard := read.With(Labels{1}) // once
	for range 1000 {
		shard.Record(ctx, otelsli.Success)
	}
	fmt.Println(shard.Counts().Total())
	// Output: 1000
}

// Combinations that become known later, such as the routes of a plug-in, are declared then.
func ExampleSLI_Declare() {
	type Labels struct{ Route string }
	catalog := otelsli.NewCatalog()
	serve := otelsli.MustNew[Labels](otelsli.Spec{Name: "serve"}, nil, otelsli.WithCatalog(catalog))

	if err := serve.Declare(Labels{"GET /orders"}, Labels{"POST /orders"}); err != nil {
		fmt.Println(err)
	}
	for family := range catalog.Collect() {
		for point := range family.Points() {
			set := point.Attributes(0)
			fmt.Println(family.Name(), set.ToSlice()[0].Value.AsString(), point.Counts.Total())
		}
		break // the last family counts undeclared events
	}
	// Output:
	// serve GET /orders 0
	// serve POST /orders 0
}

func ExampleSLI_Lookup() {
	type Labels struct{ Route string }
	serve := otelsli.MustNew(otelsli.Spec{Name: "serve"}, []Labels{{"GET /"}}, otelsli.WithCatalog(otelsli.NewCatalog()))

	_, ok := serve.Lookup(Labels{"GET /"})
	fmt.Println(ok)
	_, ok = serve.Lookup(Labels{"GET /admin"})
	fmt.Println(ok)
	// Output:
	// true
	// false
}

func ExampleProduct2() {
	labels := otelsli.Product2([]string{"web", "app"}, []Tier{Gold, Free},
		func(channel string, tier Tier) OrderLabels { return OrderLabels{channel, tier} })
	fmt.Println(labels)
	// Output: [{web gold} {web free} {app gold} {app free}]
}

func ExampleProduct3() {
	type Labels struct{ Method, Route, Class string }
	labels := otelsli.Product3([]string{"GET", "POST"}, []string{"/orders"}, []string{"2xx", "5xx"},
		func(m, r, c string) Labels { return Labels{m, r, c} })
	fmt.Println(labels)
	// Output: [{GET /orders 2xx} {GET /orders 5xx} {POST /orders 2xx} {POST /orders 5xx}]
}

// Invalid input is the caller's fault and burns no budget.
func ExampleIgnore() {
	search := otelsli.MustNew[struct{}](otelsli.Spec{Name: "search"}, nil, otelsli.WithCatalog(otelsli.NewCatalog()))

	errSyntax := errors.New("syntax error")
	err := search.Do(context.Background(), struct{}{}, func(context.Context) error {
		return otelsli.Ignore(errSyntax)
	})
	fmt.Println(err, errors.Is(err, errSyntax))
	fmt.Println(search.With(struct{}{}).Counts()[otelsli.Ignored], "ignored")
	// Output:
	// syntax error true
	// 1 ignored
}

// A classifier judges what it knows and leaves the rest to the default one.
func ExampleWithClassifier() {
	errNotFound := errors.New("not found")
	lookup := otelsli.MustNew[struct{}](otelsli.Spec{Name: "lookup"}, nil,
		otelsli.WithCatalog(otelsli.NewCatalog()),
		otelsli.WithClassifier(func(ctx context.Context, e otelsli.Event) otelsli.Outcome {
			if errors.Is(e.Err, errNotFound) {
				return otelsli.Success
			}
			return otelsli.Classify(ctx, e)
		}))

	lookup.Observe(context.Background(), struct{}{}, time.Millisecond, errNotFound)
	fmt.Println(lookup.With(struct{}{}).Counts()[otelsli.Success], "succeeded")
	// Output: 1 succeeded
}

// An export may take longer than other reports.
func ExampleWithThreshold() {
	type Labels struct{ Report string }
	render := otelsli.MustNew(otelsli.Spec{
		Name:      "render",
		Threshold: time.Second,
	}, []Labels{{"daily"}, {"export"}}, otelsli.WithCatalog(otelsli.NewCatalog()),
		otelsli.WithThreshold(func(l Labels) time.Duration {
			if l.Report == "export" {
				return time.Minute
			}
			return 0 // that of the Spec
		}))

	fmt.Println(render.With(Labels{"daily"}).Threshold(), render.With(Labels{"export"}).Threshold())
	// Output: 1s 1m0s
}

// If label names are known only at run time, labels are an array.
func ExampleWithLabelNames() {
	names := []string{"channel", "tier"} // from a configuration
	orders := otelsli.MustNew(otelsli.Spec{Name: "orders"}, [][2]string{{"web", "gold"}},
		otelsli.WithCatalog(otelsli.NewCatalog()), otelsli.WithLabelNames(names...))

	orders.Record(context.Background(), [2]string{"web", "gold"}, otelsli.Success)
	fmt.Println(orders.With([2]string{"web", "gold"}).Counts().Total())
	// Output: 1
}

func ExampleCounts_Apdex() {
	counts := otelsli.Counts{otelsli.Success: 90, otelsli.Slow: 10, otelsli.Failed: 5}
	fmt.Println(counts.Apdex())
	fmt.Println(otelsli.Counts{}.Apdex())
	// Output:
	// 0.9 true
	// 0 false
}
