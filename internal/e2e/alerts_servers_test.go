package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// alertmanager is a running Alertmanager.
type alertmanager struct {
	*Process
	addr string
}

func startAlertmanager(t *testing.T, config string) *alertmanager {
	t.Helper()
	dir, addr := t.TempDir(), FreeAddr(t)
	file := filepath.Join(dir, "alertmanager.yml")
	writeFile(t, file, []byte(config))
	a := &alertmanager{addr: addr}
	a.Process = StartProcess(t, Alertmanager.Binary(t),
		"--config.file="+file,
		"--storage.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+addr,
		"--cluster.listen-address=", // alone
	)
	waitReady(t, a.Process, func() error { return probeHTTP("http://" + addr + "/-/ready") })
	return a
}

// An activeAlert is an alert that Alertmanager holds.
type activeAlert struct {
	Labels map[string]string
	Status struct {
		State       string // "active" is sent, "suppressed" is not
		InhibitedBy []string
	}
}

// alerts are those that have not ended.
func (a *alertmanager) alerts() ([]activeAlert, error) {
	response, err := http.Get("http://" + a.addr + "/api/v2/alerts")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var all []activeAlert
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		return nil, fmt.Errorf("alerts of Alertmanager (%s): %w", response.Status, err)
	}
	return all, nil
}

// A notification is what Alertmanager posts to a webhook: a group of alerts.
type notification struct {
	Receiver    string
	Status      string
	GroupLabels map[string]string
	Alerts      []notifiedAlert
}

type notifiedAlert struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
}

// firing are the alerts of a notification that fire, by name, tier and SLI, sorted.
func (n notification) firing() []string {
	var names []string
	for _, a := range n.Alerts {
		if a.Status == "firing" {
			names = append(names, strings.Join(strings.Fields(a.Labels["alertname"]+" "+a.Labels["tier"]+" "+a.Labels["sli"]), " "))
		}
	}
	slices.Sort(names)
	return names
}

// webhooks takes the notifications of all receivers.
type webhooks struct {
	*httptest.Server
	mu  sync.Mutex
	all []notification
}

func startWebhooks(t *testing.T) *webhooks {
	t.Helper()
	w := &webhooks{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		var n notification
		if err := json.NewDecoder(request.Body).Decode(&n); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = append(w.all, n)
	}))
	t.Cleanup(w.Close)
	return w
}

// to returns what a receiver has got so far.
func (w *webhooks) to(receiver string) []notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	var got []notification
	for _, n := range w.all {
		if n.Receiver == receiver {
			got = append(got, n)
		}
	}
	return got
}

// last returns the newest notification of a receiver.
func (w *webhooks) last(receiver string) (notification, bool) {
	got := w.to(receiver)
	if len(got) == 0 {
		return notification{}, false
	}
	return got[len(got)-1], true
}

func TestNotificationFiring(t *testing.T) {
	t.Parallel()
	n := notification{Alerts: []notifiedAlert{
		{Status: "firing", Labels: map[string]string{"alertname": "SLITargetsDown", "sli": "pay"}},
		{Status: "resolved", Labels: map[string]string{"alertname": "Ended"}},
		{Status: "firing", Labels: map[string]string{"alertname": "Burn", "tier": "page-fast", "sli": "pay"}},
	}}
	if got, want := n.firing(), []string{"Burn page-fast pay", "SLITargetsDown pay"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
