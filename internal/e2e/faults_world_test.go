package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
)

// A world is the servers that the rows of the fault matrix share.
type world struct {
	backend  *receivers
	victoria *Victoria
	// own and stranger are who has signed the certificates of the receivers: the one that is trusted, and another.
	own, stranger *faults.Authority
}

// An endpoint is a receiver of OTLP, host:port for each protocol.
type endpoint struct{ grpc, http string }

// receivers is a Collector with receivers that are harmed, of three kinds, and one that is not. What arrives at the two
// is kept apart.
type receivers struct {
	*Process
	plain, secure, stranger endpoint // without TLS, with it, and with the certificate of somebody else
	healthy                 string   // gRPC, without TLS

	harmed, unharmed ledger

	binary, dir, config string
	starts              int
}

const receiversConfig = `
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "$GRPC"}
      http: {endpoint: "$HTTP"}
  otlp/secure:
    protocols:
      grpc: {endpoint: "$SECURE_GRPC", tls: {cert_file: "$CERT", key_file: "$KEY"}}
      http: {endpoint: "$SECURE_HTTP", tls: {cert_file: "$CERT", key_file: "$KEY"}}
  otlp/stranger:
    protocols:
      grpc: {endpoint: "$STRANGER_GRPC", tls: {cert_file: "$OTHER_CERT", key_file: "$OTHER_KEY"}}
      http: {endpoint: "$STRANGER_HTTP", tls: {cert_file: "$OTHER_CERT", key_file: "$OTHER_KEY"}}
  otlp/healthy:
    protocols:
      grpc: {endpoint: "$HEALTHY"}
exporters:
  file/harmed: {path: "$HARMED", format: json, flush_interval: 50ms}
  file/unharmed: {path: "$UNHARMED", format: json, flush_interval: 50ms}
service:
  telemetry:
    metrics: {level: none} # else it listens on a fixed port
    logs: {level: error}
  pipelines:
    metrics/harmed: {receivers: [otlp, otlp/secure, otlp/stranger], exporters: [file/harmed]}
    metrics/unharmed: {receivers: [otlp/healthy], exporters: [file/unharmed]}
`

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{own: faults.NewAuthority(t), stranger: faults.NewAuthority(t)}
	w.backend = w.startReceivers(t)
	w.victoria = StartVictoriaMetrics(t)
	return w
}

// startReceivers starts a Collector, which ends with the test.
func (w *world) startReceivers(t *testing.T) *receivers {
	t.Helper()
	newEndpoint := func() endpoint { return endpoint{grpc: FreeAddr(t), http: FreeAddr(t)} }
	r := &receivers{
		plain: newEndpoint(), secure: newEndpoint(), stranger: newEndpoint(), healthy: FreeAddr(t),
		binary: OTelCollector.Binary(t), dir: t.TempDir(),
	}
	r.config = strings.NewReplacer(
		"$GRPC", r.plain.grpc, "$HTTP", r.plain.http,
		"$SECURE_GRPC", r.secure.grpc, "$SECURE_HTTP", r.secure.http,
		"$STRANGER_GRPC", r.stranger.grpc, "$STRANGER_HTTP", r.stranger.http, "$HEALTHY", r.healthy,
		"$CERT", w.own.CertFile, "$KEY", w.own.KeyFile,
		"$OTHER_CERT", w.stranger.CertFile, "$OTHER_KEY", w.stranger.KeyFile).Replace(receiversConfig)
	r.start(t)
	return r
}

// start also starts it again, with the same addresses.
func (r *receivers) start(t *testing.T) {
	t.Helper()
	r.starts++
	file := func(name string) string { return filepath.Join(r.dir, fmt.Sprintf("%s-%d", name, r.starts)) }
	writeFile(t, file("config"), []byte(strings.NewReplacer(
		"$HARMED", file("harmed"), "$UNHARMED", file("unharmed")).Replace(r.config)))
	r.Process = StartCommand(t, exec.Command(r.binary, "--config", file("config")))
	for _, addr := range []string{r.plain.grpc, r.plain.http, r.secure.grpc, r.secure.http, r.stranger.grpc, r.stranger.http, r.healthy} {
		waitReady(t, r.Process, func() error { return probeTCP(addr) })
	}
	r.harmed.follow(file("harmed"))
	r.unharmed.follow(file("unharmed"))
}

// kill ends it by SIGKILL.
func (r *receivers) kill(t *testing.T) {
	t.Helper()
	r.Signal(t, os.Kill)
	r.Wait(t, stopLimit)
}
