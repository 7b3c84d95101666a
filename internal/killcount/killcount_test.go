package main

import (
	"encoding/binary"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if value := os.Getenv(tapVariable); value != "" { // the tests' taps are this program too
		exit(runTap(value))
	}
	goleak.VerifyTestMain(m)
}

func TestParsePoint(t *testing.T) {
	t.Parallel()
	want := point{way: "ack", round: 12, index: 3}
	for _, name := range []string{want.name(), "/x/whisper/kc_ack_12_3/instance/k.wsp", "kc_ack_12_3.instance.k 1203 17"} {
		if got, ok := parsePoint(name); !ok || got != want {
			t.Errorf("parsePoint(%q): %v, %v", name, got, ok)
		}
	}
	if p, ok := parsePoint("carbon.agents.x"); ok {
		t.Errorf("found %v where there is none", p)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	l := &load{way: "ack", batch: 2, rounds: 3}
	p := func(round, index int) point { return point{"ack", round, index} }
	got := arrivals{
		p(0, 0): {0},
		p(0, 1): {1, 1, 1},
		p(1, 0): {7}, // torn
		p(1, 1): {101, 1},
		p(9, 9): {9},
	}
	want := result{sent: 6, lost: 3, duplicated: 2, wrong: 2}
	if r := l.judge(got); r != want {
		t.Errorf("%+v, want %+v", r, want)
	}
}

func TestParseLinesAndExport(t *testing.T) {
	t.Parallel()
	want := arrivals{{"ack", 1, 2}: {102, 102}, {"plain", 3, 4}: {304}}
	lines := "kc_ack_1_2.instance.k 102 17\nnoise\nkc_plain_3_4 304 17\nkc_ack_1_2.instance.k 102 17\n"
	if diff := cmp.Diff(want, parseLines([]byte(lines)), cmp.AllowUnexported(point{})); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	export := `{"metric":{"__name__":"kc_ack_1_2.instance.k"},"values":[102,102],"timestamps":[1,1]}
{"metric":{"__name__":"kc_plain_3_4"},"values":[304],"timestamps":[1]}
{"metric":{"__name__":"up"},"values":[1],"timestamps":[1]}`
	got, err := parseExport(strings.NewReader(export))
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(point{})); diff != "" || err != nil {
		t.Errorf("export: %v (-want +got):\n%s", err, diff)
	}
}

func TestWhisperValues(t *testing.T) {
	t.Parallel()
	data := make([]byte, 16+12+3*12)
	binary.BigEndian.PutUint32(data[12:], 1)
	binary.BigEndian.PutUint32(data[28+12:], 1_700_000_000)
	binary.BigEndian.PutUint64(data[28+16:], math.Float64bits(102))
	path := filepath.Join(t.TempDir(), "k.wsp")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float64{102}, whisperValues(path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v := whisperValues(path + "x"); v != nil {
		t.Errorf("a file that is not there has %v", v)
	}
}

// Every way reaches a receiver that does not fail, with nothing lost, twice or wrong.
func TestWaysWithoutHarm(t *testing.T) {
	t.Parallel()
	sc := scenario{target: tap(0, false), harm: nothing, interval: usual}
	o := sc.run(t.TempDir(), 500*time.Millisecond)
	if o.err != nil {
		t.Fatal(o.err)
	}
	for i, r := range o.results {
		if r.sent == 0 || r != (result{sent: r.sent}) {
			t.Errorf("%s: %+v, want nothing but sent", ways[i], r)
		}
	}
}

// The count sees what a plain connection loses, and that acknowledged delivery loses nothing.
func TestKillIsSeen(t *testing.T) {
	t.Parallel()
	sc := scenario{target: tap(0, false), harm: frozen, interval: usual}
	o := sc.run(t.TempDir(), 1500*time.Millisecond)
	if o.err != nil || o.events == 0 {
		t.Fatalf("%d events, %v", o.events, o.err)
	}
	if ack := o.results[0]; ack.lost != 0 || ack.wrong != 0 {
		t.Errorf("ack: %+v", ack)
	}
	if plain := o.results[3]; plain.lost == 0 {
		t.Errorf("plain: %+v, want some lost", plain)
	}
}

// The proxy carries both ends of a connection, or tears it.
func TestProxy(t *testing.T) {
	t.Parallel()
	target, err := newTap(t.TempDir(), 0, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.start(); err != nil {
		t.Fatal(err)
	}
	defer target.end(syscall.SIGKILL)
	p, err := newProxy(target.listens(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	c, err := net.Dial("tcp", p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Write([]byte("kc_ack_1_2 102 17\n")); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 100)
	n, err := c.Read(reply)
	if err != nil || !strings.HasPrefix(string(reply[:n]), "put: illegal argument") {
		t.Errorf("reply %q, %v", reply[:n], err)
	}
	if n, err := c.Read(reply); err == nil || n != 0 {
		t.Errorf("after the reply: %d bytes, %v, want the end", n, err)
	}
	got, err := target.arrived()
	if err != nil || len(got) != 1 {
		t.Errorf("arrived: %v, %v", got, err)
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	lossy := outcome{scenario: scenario{receiver: "tap", event: "boom", blind: true, mayLose: true}, events: 3, results: []result{{sent: 9, lost: 2}}}
	missing := outcome{scenario: scenario{receiver: "carbon-cache"}, err: os.ErrNotExist}
	printTable(&out, []outcome{lossy, missing})
	for _, want := range []string{"boom", "2*", "-", "left out: file does not exist"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if err := verdict([]outcome{lossy, missing}); err != nil {
		t.Errorf("verdict: %v", err)
	}
	lossy.scenario.mayLose = false
	if err := verdict([]outcome{lossy}); err == nil {
		t.Error("acknowledged lines were lost, and the verdict is good")
	}
}
