// Package delivery sends lines of text to Graphite and OpenTSDB receivers over TCP, and knows what
// has arrived. It knows nothing about metrics.
//
//	server, err := delivery.ParseServer("tcp://graphite.example.com", 2003)
//	…
//	client, err := delivery.New(delivery.Config{Servers: []delivery.Server{server}})
//	…
//	result, err := client.Deliver(ctx, []byte("requests.total 5 1700000000\n"), 1)
//	…
//	err = client.Close(ctx)
//
// # Why a write is not a delivery
//
// The protocols have no acknowledgement. The first write to a connection that the receiver has
// closed succeeds, and a receiver that never reads accepts megabytes into kernel buffers. The end of
// a connection is reliable: a receiver that is told "no more" by a half-close answers with its own
// end of file after its application has read everything, and one that dies with unread data answers
// with a reset.
//
// # Modes
//
//   - [Ack] opens a connection for each batch, half-closes it after the last line and reads to the
//     end of file. Nothing is acknowledged that the receiver's application has not read.
//   - [Stream] keeps one connection open, and a copy of what it has sent since the last
//     acknowledgement: the window. It gets the window acknowledged in the same way as Ack when it is
//     full, when the connection has been idle and at Close, and sends it again after a reset or a
//     timeout. A batch is taken over once it is written and in the window.
//   - [Sync] makes one attempt of at most a second and treats an orderly write as success, as simple
//     clients do. Within that second it reads replies that come within 100 ms.
//
// On Linux an acknowledgement also requires an empty send queue (SIOCOUTQ) and no pending error on
// the socket (SO_ERROR). This exposes most receivers that shut down their side first and then close
// with unread data. On other systems the end of file alone decides.
//
// # What cannot be known
//
// A receiver that has read a line may not have stored it. A receiver that shuts down its sending
// side before it has read a small batch looks exactly like one that has read it. A layer-4 proxy
// acknowledges on its own behalf. And a receiver that shuts down its sending side before the
// half-close has nothing left to acknowledge with: in Ack mode its batches are never acknowledged,
// and the error says so.
//
// Delivery is at least once: an attempt that was not acknowledged may have arrived.
//
// # Torn lines
//
// A batch is always sent again from its first line. While one is being written, the socket is set to
// reset on close, so that a receiver never takes the beginning of a line for a whole line, even if
// this process is killed in the middle of it: VictoriaMetrics accepts a last line without a line
// feed. Between batches the socket closes in order, and the kernel sends what it still holds.
//
// # Replies
//
// Every connection has a goroutine that reads and counts what the receiver sends. Closing a socket
// with unread replies sends a reset, which destroys what the receiver has not read yet; and a
// receiver whose replies nobody reads eventually stops reading too.
//
// # TLS
//
// The half-close of TLS is its close_notify alert, followed by TCP's half-close. Receivers built on
// crypto/tls, such as InfluxDB, and on OpenSSL answer it as they answer TCP's. Sessions are never
// resumed.
//
// # Concurrency and cost
//
// All methods are safe for concurrent use; batches are delivered one after the other. The reading
// goroutine of a connection ends with it, and none is left after Close. No call outlasts its
// context. Stream holds at most Config.Window bytes, the other modes nothing. Allocations do not
// depend on the size of a batch.
package delivery
