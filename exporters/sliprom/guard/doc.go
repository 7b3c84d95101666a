// Package guard keeps an endpoint of metrics for those who may scrape it, whatever everybody else
// does to it.
//
//	g, err := guard.New(guard.WithBearerTokenFile("/etc/shop/scrape-token"))
//	…
//	mux.Handle("/metrics", g.Wrap(exporter.Handler()))
//
// Nothing here depends on what is served: [Guard.Wrap] guards any handler in any server,
// [Guard.Protect] a server that has nothing but metrics. [sliprom.NewServer] takes a guard by
// sliprom.WithGuard, and the set-up of a whole process by setup.WithPrometheusGuard or its
// variables.
//
// # Who may scrape
//
// A client shows a bearer token ([WithBearerTokens], [WithBearerTokenFile]), a name and a password
// ([WithUser], [WithUserFile]), or a certificate ([WithClientCertificates]). Tokens and users are
// alternatives; a certificate is needed beside them, unless [WithEither] makes it one more
// alternative. Give each scraper a secret of its own: limits are per identity.
//
// Secrets and certificates from files are followed while the process runs. To rotate a token, add
// the new one to the file, change the scrapers, remove the old one. What a change breaks is logged
// once, and what was valid before stays valid.
//
// Secrets are kept and compared as SHA-256, all of them at every attempt: the time tells neither
// how much of a guess was right nor whether a user exists. They are in no error and in no log.
//
// # What a stranger can do
//
// Have his 401, which costs about a microsecond and touches no limit of anybody else. The rate and
// the number of concurrent requests are counted after authentication, for each identity apart.
//
// In a server of [Guard.Protect] he cannot keep others from connecting either. Connections on which
// nobody has authenticated have a number of their own; one more closes the oldest of the address
// that has most. The connection that a scraper keeps from scrape to scrape is never among them. A
// limit on all connections, the usual means, would let him in and the scraper wait.
//
// What is left to him is the processor, and the network before the process: handshakes of TLS are by
// far the dearest thing that he can ask for (least with a key of ECDSA), and in a flood of connections
// a new one waits in the queue of the system, which a scraper that keeps its own does not see.
//
// # Limits of what is promised
//
// Behind a proxy all clients have its address, and a proxy that reuses connections for several
// clients makes strangers look known. Names of client certificates are compared exactly, without
// wildcards; revocation is by their authority alone. Over plain HTTP, tokens and passwords can be
// read on the way.
//
// # Concurrency and cost
//
// Everything may be called by several goroutines at once, and nothing runs in the background. A
// request costs about a microsecond more than without the guard: BenchmarkWrap. A client certificate
// is verified again at each request, so that an authority that was taken out of its file is out
// for open connections too: a tenth of a millisecond. Files are read once a second at most, when a
// request or a handshake comes.
//
// [sliprom.NewServer]: https://pkg.go.dev/github.com/otelsli/otelsli-go/exporters/sliprom#NewServer
package guard
