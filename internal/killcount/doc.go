// The killcount command counts what is lost and what arrives twice when receivers of Graphite
// lines break, and compares four ways to send. It starts real servers, carbon-cache and
// VictoriaMetrics, and a receiver of its own, and kills, freezes and starves them under load:
//
//	cd internal/killcount && go run .          # about 2 minutes
//	cd internal/killcount && go run . -short   # 30 seconds
//	cd internal/killcount && go run . -outage 10m [-increments] [-series 10000]
//
// Servers that are not installed are left out, and the table says so.
//
// # Ways to send
//
//   - ack: the bridge of this project, mode Ack
//   - stream: the bridge of this project, mode Stream
//   - bridge: client_golang's graphite bridge, one Push a batch, whose errors are final as in its Run
//   - plain: a connection that is kept; a batch whose write fails is written again, on a new one
//
// All four send at the same time to the same receiver. Every line has a name of its own, so that
// each one that is lost and each one that arrives twice is seen.
//
// # What counts as arrived
//
// The tap, the receiver of this command, is a process that writes what it has read to a file before
// it reads on. What it has read survives its SIGKILL.
//
// A real server stores what it has read a little later, and loses that when it is killed; no sender
// can know. (carbon-cache loses up to a second of it even on SIGTERM: its writer sleeps that long
// and does not look again. It also closes its connections in order with lines unread, which a
// sender can mistake for an acknowledgement.) So "SIGKILL while frozen" waits until everything that
// was read is stored, stops the process with SIGSTOP, lets more lines arrive in its kernel buffers,
// and then kills it: what is lost is what it had not read. The scenarios with a star take no such
// care, and show how much a server loses of what it had read.
//
// A line counts as wrong if it arrives with another value than it was sent with.
//
// # An outage
//
// With -outage it measures, instead, what a receiver that is down costs a service that exports every
// second by the bridge and by another pipeline: the heap, the time of recording one event, the
// exports of the other pipeline, and the totals, as soon as the receiver is back and at the end.
// Each SLI series is three lines. Times are real.
package main
