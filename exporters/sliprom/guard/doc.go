// Package guard protects a metrics endpoint: only authorised clients may scrape it, and others cannot
// keep them from it.
//
//	g, err := guard.New(guard.WithBearerTokenFile("/etc/shop/scrape-token"))
//	…
//	mux.Handle("/metrics", g.Wrap(exporter.Handler()))
//
// The package does not depend on what is served: [Guard.Wrap] guards any handler in any server,
// [Guard.Protect] a server that serves nothing but metrics. [sliprom.NewServer] takes a guard through
// sliprom.WithGuard, and the setup of a whole process through setup.WithPrometheusGuard or its
// environment variables.
//
// # Who may scrape
//
// A client presents a bearer token ([WithBearerTokens], [WithBearerTokenFile]), a name and password
// ([WithUser], [WithUserFile]), or a certificate ([WithClientCertificates]). Tokens and users are
// alternatives; a certificate is required in addition, unless [WithEither] makes it an alternative
// too. Give each scraper its own secret: limits are per identity.
//
// Changes to secret and certificate files take effect while the process runs. To rotate a token, add
// the new one to the file, change the scrapers, then remove the old one. A change that makes a file
// unusable is logged once, and the previous contents stay valid.
//
// Secrets are stored and compared as SHA-256 hashes, and every attempt is compared with all of them:
// timing reveals neither how much of a guess was right nor whether a user exists. No error and no log
// line contains a secret.
//
// # What a stranger can do
//
// A stranger gets a 401, which costs about a microsecond and counts against nobody else's limit. The
// rate and the number of concurrent requests are limited after authentication, per identity.
//
// In a server under [Guard.Protect], strangers cannot keep others from connecting either.
// Unauthenticated connections have a limit of their own; a further one closes the oldest of the
// address with the most. The connection that a scraper keeps between scrapes is never among them. A
// limit on all connections, the usual approach, would let strangers in and make the scraper wait.
//
// What remains is the CPU, and the network in front of the process. TLS handshakes are by far the most
// expensive thing a stranger can request (least so with an ECDSA key). In a flood of connections, a
// new one waits in the accept queue; a scraper that keeps its connection does not notice.
//
// # Limitations
//
// Behind a proxy, all clients have the address of the proxy, and a proxy that reuses connections for
// several clients makes strangers look authenticated. Names in client certificates are compared
// exactly, without wildcards; a certificate can be revoked only by removing its authority. Over plain
// HTTP, tokens and passwords can be read in transit.
//
// # Concurrency and cost
//
// Everything is safe for concurrent use, and nothing runs in the background. The guard adds about a
// microsecond to a request: see BenchmarkWrap. A client certificate is verified again at each request,
// which takes a tenth of a millisecond, so removing an authority from its file affects open
// connections too. Files are read at most once a second, when a request or a handshake arrives.
//
// [sliprom.NewServer]: https://pkg.go.dev/github.com/otelsli/otelsli-go/exporters/sliprom#NewServer
package guard
