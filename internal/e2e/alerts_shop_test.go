package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// The shop is a service whose failures the tests switch on and off, and a process of its own, so that it can be killed:
// this test binary again.

// shopVariable turns TestAlertShopProcess into the shop; its value is a shopConfig.
const shopVariable = "OTELSLI_E2E_ALERT_SHOP"

type shopConfig struct {
	Control string // address of its switches
	Metrics string // address of /metrics; empty: none
	OTLP    string // URL of the metrics endpoint; empty: none
	Layout  otelsli.Layout
}

type shopLabels struct{ Channel string }

// shopSLIs are the SLIs of the shop: the last one is idle.
var shopSLIs = []string{"place_order", "pay", "search"}

func newShop(layout otelsli.Layout) (*otelsli.Catalog, []*otelsli.SLI[shopLabels], error) {
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
		return nil, nil, err
	}
	slis := make([]*otelsli.SLI[shopLabels], len(shopSLIs))
	for i, name := range shopSLIs {
		var err error
		slis[i], err = otelsli.New(otelsli.Spec{
			Name:            name,
			FeatureCategory: "checkout",
			Owner:           "team-orders",
			Threshold:       300 * time.Millisecond,
			Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.95},
		}, []shopLabels{{"web"}, {"app"}}, otelsli.WithCatalog(c))
		if err != nil {
			return nil, nil, err
		}
	}
	return c, slis, nil
}

// A shop is the running process, seen from a test.
type shop struct {
	*Process
	control string
}

// startShop starts a shop that is idle.
func startShop(t *testing.T, config shopConfig) *shop {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAlertShopProcess$", "-test.v")
	cmd.Env = append(os.Environ(), shopVariable+"="+string(text))
	s := &shop{Process: StartCommand(t, cmd), control: "http://" + config.Control}
	waitReady(t, s.Process, func() error { return probeHTTP(s.control + "/idle") })
	return s
}

// turn turns a switch: idle, warm, fail or heal.
func (s *shop) turn(t *testing.T, to string) {
	t.Helper()
	if err := probeHTTP(s.control + "/" + to); err != nil {
		t.Fatal(err)
	}
}

// TestAlertShopProcess is no test but the process that startShop starts.
func TestAlertShopProcess(t *testing.T) {
	t.Parallel()
	text := os.Getenv(shopVariable)
	if text == "" {
		t.Skip("this is the process of other tests")
	}
	var config shopConfig
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if err := runShop(t.Context(), config); err != nil {
		t.Fatal(err)
	}
}

// runShop serves until the process is ended.
func runShop(ctx context.Context, config shopConfig) error {
	c, slis, err := newShop(config.Layout)
	if err != nil {
		return err
	}
	options := []setup.Option{
		setup.WithoutEnvironment(), setup.WithCatalog(c), setup.WithService("shop", "1"), setup.WithInterval(time.Second),
	}
	if config.Metrics != "" {
		options = append(options, setup.WithPrometheus(config.Metrics, sliprom.WithHold(0)))
	}
	if config.OTLP != "" {
		options = append(options, setup.WithOTLP(sliotlp.WithMetricsEndpoint(config.OTLP)))
	}
	if _, err := setup.Start(ctx, options...); err != nil {
		return err
	}
	busy := slis[:len(slis)-1]
	var outcome atomic.Int32
	outcome.Store(idle)
	go work(ctx, busy, &outcome)

	mux := http.NewServeMux()
	turn := func(to int32) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { outcome.Store(to) }
	}
	mux.HandleFunc("/idle", turn(idle))
	mux.HandleFunc("/fail", turn(int32(otelsli.Failed)))
	mux.HandleFunc("/heal", turn(int32(otelsli.Success)))
	mux.HandleFunc("/warm", func(http.ResponseWriter, *http.Request) { warm(ctx, busy) })
	return http.ListenAndServe(config.Control, mux)
}

// idle is the outcome of no event.
const idle = -1

// work records 50 events a second of each SLI.
func work(ctx context.Context, slis []*otelsli.SLI[shopLabels], outcome *atomic.Int32) {
	for range time.Tick(20 * time.Millisecond) {
		if o := outcome.Load(); o != idle {
			for _, sli := range slis {
				sli.Record(ctx, shopLabels{"web"}, otelsli.Outcome(o))
			}
		}
	}
}

// warmEvents is a month of traffic, so that there is a budget to burn: a thousand failures at 99.9 %.
const warmEvents = 1_000_000

func warm(ctx context.Context, slis []*otelsli.SLI[shopLabels]) {
	for _, sli := range slis {
		bound := sli.With(shopLabels{"app"})
		for range warmEvents {
			bound.Record(ctx, otelsli.Success)
		}
	}
}

func TestShopDeclares(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		c, _, err := newShop(layout)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, sli := range c.Describe().SLIs {
			names = append(names, sli.Name)
		}
		slices.Sort(names)
		if want := slices.Sorted(slices.Values(shopSLIs)); !slices.Equal(names, want) {
			t.Errorf("%v: SLIs are %q, want %q", layout, names, want)
		}
	}
}
