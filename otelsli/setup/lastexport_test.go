package setup_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// TestTheLastExportGoesOut although the receiver has asked for an hour of peace: Flush heeds that,
// Shutdown cannot.
func TestTheLastExportGoesOut(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer receiver.Close()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithOTLP(sliotlp.WithEndpoint(receiver.URL)), setup.WithInterval(time.Hour))
	eventually(t, func() bool { return telemetry.Health().Pipelines[0].LastError != "" })
	if err := telemetry.Flush(t.Context()); err == nil || requests.Load() != 1 {
		t.Errorf("flush: %v, %d requests", err, requests.Load())
	}
	if err := telemetry.Shutdown(t.Context()); err != nil || requests.Load() != 2 {
		t.Errorf("shutdown: %v, %d requests", err, requests.Load())
	}
}
