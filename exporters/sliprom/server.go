package sliprom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// The limits of a [Server]. A scraper sends a small header and no body.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 2 * time.Minute // of handlers that set no deadline themselves
	idleTimeout       = 5 * time.Minute // scrapers keep their connection over any usual scrape interval
	maxHeaderBytes    = 32 << 10
)

// A Server is an HTTP server for metrics: whatever clients do, each of them ties up little, and
// not for long. All methods may be called by several goroutines at once.
type Server struct {
	address string
	server  *http.Server

	mu       sync.Mutex
	listener net.Listener
	closed   bool
}

// A ServerOption configures a [Server].
type ServerOption interface{ applyServer(*serverConfig) }

type serverConfig struct{ logger *slog.Logger }

// NewServer makes a server of h, such as that of [Exporter.Mux], at an address host:port; port 0
// lets the system choose. It opens nothing: see [Server.Listen]. It is an error, an
// [otelsli.FieldError], if the address cannot be one or h is nil.
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
	if cfg.logger == nil {
		cfg.logger = slog.Default()
	}
	return &Server{
		address: address,
		server: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          slog.NewLogLogger(cfg.logger.Handler(), slog.LevelWarn),
		},
	}, nil
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

// Listen opens the address. From then on clients can connect, and are answered once [Server.Serve]
// runs. It does nothing if the address is open, and returns [http.ErrServerClosed] after Shutdown.
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

// Addr returns the address host:port that is open, with the port that the system chose, or the one
// that [NewServer] was given where none is open yet.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return s.address
	}
	return s.listener.Addr().String()
}

// Serve answers requests until [Server.Shutdown], and then returns nil. It opens the address if
// [Server.Listen] has not. It is to be called once.
func (s *Server) Serve() error {
	listener, err := s.listen()
	if err == nil {
		err = s.server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown closes the address at once, lets requests that are being answered finish, and returns.
// When ctx is over first, it cuts their connections and returns an error that wraps that of ctx. It
// may be called more than once, and without Listen or Serve.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	listener := s.listener
	s.mu.Unlock()
	err := s.server.Shutdown(ctx)
	if listener != nil {
		_ = listener.Close() // the http.Server does not know of it if Serve was never called
	}
	if err != nil {
		_ = s.server.Close()
		return fmt.Errorf("sliprom: shut down the server: %w", err)
	}
	return nil
}
