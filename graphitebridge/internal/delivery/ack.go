package delivery

import "context"

// An ackSender opens a connection for each attempt and waits until the server has read everything.
type ackSender struct{ link }

func (a ackSender) send(ctx context.Context, p *parcel) error {
	c, err := a.peers.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	defer c.guard(ctx)()
	if err := a.write(ctx, c, p); err != nil {
		return err
	}
	if err := c.acknowledge(ctx, a.config.ReadTimeout); err != nil {
		return err
	}
	a.count.acknowledged(p.traffic())
	return nil
}

func (ackSender) flush(context.Context) error { return nil }
func (ackSender) drop() int64                 { return 0 }
