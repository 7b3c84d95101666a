package sliprom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A Server is an HTTP server for metrics. It bounds what each client can tie up, and for how long:
// see [guard.Guard.Protect]. All methods are safe for concurrent use.
type Server struct {
	address string
	server  *http.Server

	mu       sync.Mutex
	listener net.Listener
	closed   bool
}

// A ServerOption configures a [Server].
type ServerOption interface{ applyServer(*serverConfig) }

type serverConfig struct {
	logger *slog.Logger
	guard  *guard.Guard
	public []string
}

type serverOptionFunc func(*serverConfig)

func (f serverOptionFunc) applyServer(c *serverConfig) { f(c) }

// WithGuard restricts clients that do not pass g to the public paths, such as "/healthz", and serves
// TLS if g has a certificate. The server logs to the logger of g, which must not protect another
// server as well. Default (and nil): everybody is served, without TLS, but what one client can tie up
// is still bounded.
func WithGuard(g *guard.Guard, public ...string) ServerOption {
	public = slices.Clone(public)
	return serverOptionFunc(func(c *serverConfig) { c.guard, c.public = g, public })
}

// NewServer makes a server for h, such as the handler of [Exporter.Mux], at a host:port address; port
// 0 lets the system choose. It does not listen yet: see [Server.Listen]. It returns an
// [otelsli.FieldError] if the address is malformed, h is nil, or the guard needs TLS and has none.
func NewServer(address string, h http.Handler, options ...ServerOption) (*Server, error) {
	var cfg serverConfig
	for _, o := range options {
		if o != nil {
			o.applyServer(&cfg)
		}
	}
	if err := errors.Join(checkAddress(address), checkHandler(h)); err != nil {
		return nil, err
	}
	g, err := cfg.guardOrOpen()
	if err != nil {
		return nil, err
	}
	s := &Server{address: address, server: &http.Server{Handler: h}} //nolint:gosec // Protect sets the time limits
	if err := g.Protect(s.server, cfg.public...); err != nil {
		return nil, err
	}
	return s, nil
}

// guardOrOpen returns the guard, or one that admits everybody.
func (c serverConfig) guardOrOpen() (*guard.Guard, error) {
	if c.guard != nil {
		return c.guard, nil
	}
	return guard.New(guard.WithoutRateLimit(), guard.WithConcurrency(DefaultConcurrentScrapes), guard.WithLogger(c.logger))
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err == nil {
		return nil
	}
	return &otelsli.FieldError{
		Field: "sliprom: NewServer: address",
		Value: fmt.Sprintf("%q", address),
		Want:  `a host and a port, such as "127.0.0.1:9464" or ":9464"`,
	}
}

func checkHandler(h http.Handler) error {
	if h == nil {
		return &otelsli.FieldError{Field: "sliprom: NewServer: handler", Value: "nil", Want: "that of Exporter.Mux"}
	}
	return nil
}

// Listen opens the listener. From then on clients can connect; they are answered once [Server.Serve]
// runs. It does nothing if the listener is already open, and returns [http.ErrServerClosed] after
// Shutdown.
func (s *Server) Listen() error {
	_, err := s.listen()
	return err
}

func (s *Server) listen() (net.Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, http.ErrServerClosed
	case s.listener != nil:
		return s.listener, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", s.address)
	if err != nil {
		return nil, fmt.Errorf("sliprom: %w", err)
	}
	s.listener = listener
	return listener, nil
}

// Addr returns the host:port address that is open, with the port that the system chose. Before
// [Server.Listen] it returns the address given to [NewServer].
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return s.address
	}
	return s.listener.Addr().String()
}

// Serve answers requests, over TLS if the guard has a certificate, until [Server.Shutdown]; then it
// returns nil. It calls [Server.Listen] if necessary. It must be called only once.
func (s *Server) Serve() error {
	listener, err := s.listen()
	switch {
	case err != nil:
	case s.server.TLSConfig != nil:
		err = s.server.ServeTLS(listener, "", "")
	default:
		err = s.server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown closes the listener at once and waits for running requests. If ctx ends first, it closes
// their connections and returns an error that wraps that of ctx. It may be called more than once, and
// without Listen or Serve.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	listener := s.listener
	s.mu.Unlock()
	err := s.server.Shutdown(ctx)
	if listener != nil {
		_ = listener.Close() // the http.Server does not know it if Serve was never called
	}
	if err != nil {
		_ = s.server.Close()
		return fmt.Errorf("sliprom: shut down the server: %w", err)
	}
	return nil
}
