package delivery

import (
	"context"
	"time"
)

// A streamSender keeps a connection open, and in its window what it has sent on it.
//
// Without a connection, the contents of the window must be sent again before anything else.
type streamSender struct {
	link
	conn   *conn
	used   time.Time // when conn was last written to
	window window
}

func (s *streamSender) send(ctx context.Context, p *parcel) error {
	if err := s.ready(ctx, len(p.data)); err != nil {
		return err
	}
	if err := s.transmit(ctx, p); err != nil {
		return err
	}
	if len(p.data) > s.config.Window { // the window is empty: ready ensures that
		return s.retire(ctx, p.traffic())
	}
	s.window.add(p)
	s.count.update(func(st *Stats) {
		st.Retained = s.window.traffic()
		st.LastSuccess = s.used
	})
	return nil
}

// ready ensures a connection, and room in the window for n bytes.
func (s *streamSender) ready(ctx context.Context, n int) error {
	if s.conn != nil && s.conn.ended() {
		s.lost(ctx)
	}
	if s.conn != nil && (s.stale() || !s.window.fits(n, s.config.Window)) {
		if err := s.retire(ctx, s.window.traffic()); err != nil {
			return err
		}
	}
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return err
		}
	}
	if !s.window.fits(n, s.config.Window) { // it was full and has just been sent again
		return s.reopen(ctx)
	}
	return nil
}

// stale reports whether the connection should be replaced.
func (s *streamSender) stale() bool {
	idle := s.config.IdleReconnect > 0 && time.Since(s.used) > s.config.IdleReconnect
	return idle || s.peers.failback()
}

// open connects and sends the window again.
func (s *streamSender) open(ctx context.Context) error {
	c, err := s.peers.connect(ctx)
	if err != nil {
		return err
	}
	limitUnacknowledged(c.raw, s.config.WriteTimeout)
	s.conn, s.used = c, time.Now()
	if s.window.lines == 0 {
		return nil
	}
	return s.transmit(ctx, s.window.parcel())
}

// reopen gets the window acknowledged and connects again.
func (s *streamSender) reopen(ctx context.Context) error {
	if err := s.retire(ctx, s.window.traffic()); err != nil {
		return err
	}
	return s.open(ctx)
}

// transmit writes to the connection, and closes it on an error.
func (s *streamSender) transmit(ctx context.Context, p *parcel) error {
	stop := s.conn.guard(ctx)
	err := s.write(ctx, s.conn, p)
	if !stop() && err == nil {
		err = failure(ctx, FailureWrite, "write to", s.conn.server, context.Cause(ctx))
	}
	s.used = time.Now()
	if err != nil {
		s.close()
	}
	return err
}

// retire ends the connection with a half-close, which also gets what was sent on it acknowledged.
func (s *streamSender) retire(ctx context.Context, sent Traffic) error {
	defer s.close()
	defer s.conn.guard(ctx)()
	if err := s.conn.acknowledge(ctx, s.config.ReadTimeout); err != nil {
		return err
	}
	s.settled(sent)
	return nil
}

// settled empties the window.
func (s *streamSender) settled(sent Traffic) {
	s.window.clear()
	s.count.acknowledged(sent)
	s.count.update(func(st *Stats) { st.Retained = Traffic{} })
}

// lost closes a connection that the server has ended. If the server had read everything, nothing is
// sent again.
func (s *streamSender) lost(ctx context.Context) {
	defer s.close()
	if s.conn.readAll() {
		s.settled(s.window.traffic())
		return
	}
	if s.window.lines > 0 {
		s.report(ctx, s.conn.lost(ctx, "keep the connection to"))
	}
}

func (s *streamSender) close() {
	s.conn.close()
	s.conn = nil
}

func (s *streamSender) flush(ctx context.Context) error {
	if s.conn != nil && s.conn.ended() {
		s.lost(ctx)
	}
	if s.window.lines == 0 {
		return nil
	}
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return err
		}
	}
	return s.retire(ctx, s.window.traffic())
}

func (s *streamSender) drop() int64 {
	if s.conn != nil {
		s.close()
	}
	lines := int64(s.window.lines)
	s.window.clear()
	s.count.update(func(st *Stats) { st.Retained = Traffic{} })
	return lines
}
