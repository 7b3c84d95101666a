// Package delivery carries lines of text to Graphite and OpenTSDB receivers over TCP, and knows
// what has arrived. It knows nothing of metrics.
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
// closed succeeds, and a receiver that never reads swallows megabytes into kernel buffers. What
// does tell is the end of a connection: a receiver that is told "no more" by a half-close answers
// with its own end of file after its application has read everything, and one that dies with data
// unread answers with a reset.
//
// # Modes
//
//   - [Ack] opens a connection for each batch, half-closes it after the last line and reads to the
//     end of file. Nothing is acknowledged that the receiver's application has not read.
//   - [Stream] keeps one connection and a copy of what it has sent since the last acknowledgement,
//     the window. It acknowledges the window as Ack does, when it is full, when the connection has
//     been idle and at Close, and sends it again after a reset or a timeout. A batch is taken over
//     once it is written and in the window.
//   - [Sync] makes one attempt of at most a second and takes an orderly write for success, as
//     simple clients do. Until the second is over it reads replies that come within 100 ms.
//
// On Linux an acknowledgement also needs an empty send queue (SIOCOUTQ) and no error pending on
// the socket (SO_ERROR). This exposes most receivers that shut down their side first and then
// close with data unread. Elsewhere the end of file alone decides.
//
// # What cannot be known
//
// That a receiver has read a line does not say that it has stored it. A receiver that shuts its
// sending side down before it has read a small batch looks exactly like one that has read it. A
// proxy on layer 4 acknowledges for itself. And a receiver that shuts its sending side down before
// the half-close has nothing left to acknowledge with: in Ack mode its batches are never
// acknowledged, which the error says.
//
// Delivery is at least once: an attempt that was not acknowledged may have arrived.
//
// # Torn lines
//
// A batch is always sent again from its first line. While one is being written the socket is set
// to reset when it closes, so that a receiver never takes the beginning of a line for a line, even
// if this process is killed in the middle of it: VictoriaMetrics accepts a last line that has no
// end. Between batches the socket closes in order, and what the kernel still holds is sent.
//
// # Replies
//
// Every connection has a goroutine that reads and counts what the receiver sends. To close a
// socket with replies unread sends a reset, which destroys what the receiver has not read yet; and
// a receiver whose replies nobody reads stops reading too.
//
// # TLS
//
// The half-close of TLS is its close_notify alert, followed by TCP's. Receivers built on crypto/tls,
// InfluxDB among them, and on OpenSSL answer it as they answer TCP's. Sessions are never resumed.
//
// # Concurrency and cost
//
// All methods may be called by several goroutines; batches are delivered one after the other. The
// reading goroutine of a connection ends with it, and none is left after Close. No call outlasts
// its context. Stream holds at most Config.Window bytes, the other modes nothing. What a call
// allocates does not depend on the size of the batch.
package delivery
