package setup

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// CheckMetric is the gauge that [Connect] exports, once and with the value 1, to see whether a
// backend accepts it. It has no attributes, and the resource that the service would have.
const CheckMetric = "otelsli.config.check"

func checkMetrics(res *resource.Resource) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{
		Resource: res,
		ScopeMetrics: []metricdata.ScopeMetrics{{
			Scope: instrumentation.Scope{Name: "github.com/otelsli/otelsli-go/otelsli/setup"},
			Metrics: []metricdata.Metrics{{
				Name:        CheckMetric,
				Description: "A check of the configuration was here.",
				Unit:        "{check}", // "1" would make it a ratio in Prometheus
				Data:        metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Time: time.Now(), Value: 1}}},
			}},
		}},
	}
}

// graphitePort is the default port of a server.
func graphitePort(c graphitebridge.Config) string {
	switch {
	case c.ErrorBudget != nil:
		return "18126"
	case c.Line.Format == line.OpenTSDB:
		return "4242"
	}
	return "2003"
}

// dialServers connects to all receivers in parallel, within half of the available time.
func dialServers(ctx context.Context, c graphitebridge.Config) []error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/2))
		defer cancel()
	}
	errs := make([]error, len(c.Servers))
	var wg sync.WaitGroup
	for i, server := range c.Servers {
		wg.Go(func() { errs[i] = dialServer(ctx, server, graphitePort(c), c.TLS) })
	}
	wg.Wait()
	return errs
}

// dialServer connects to a line receiver and closes the connection.
func dialServer(ctx context.Context, server, defaultPort string, config *tls.Config) error {
	u, err := url.Parse(server)
	if err != nil {
		return err
	}
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), defaultPort))
	dial := new(net.Dialer).DialContext
	if u.Scheme == "tls" {
		dial = (&tls.Dialer{Config: config}).DialContext
	}
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
