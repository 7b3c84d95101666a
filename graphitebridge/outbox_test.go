package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
)

// A sourceFake has lines "name n 1" to send, one in a batch, and notes what it is told.
type sourceFake struct {
	name       string
	waiting    []int
	taken      []int
	increments bool
	told       []string
}

func (s *sourceFake) begin() { s.told = append(s.told, "begin") }

func (s *sourceFake) fill(b *batch) {
	if len(s.waiting) == 0 || b.full() {
		return
	}
	b.data = fmt.Appendf(b.data, "%s %d 1\n", s.name, s.waiting[0])
	b.lines++
	b.increments = b.increments || s.increments
	s.taken, s.waiting = s.waiting[:1], s.waiting[1:]
}

func (s *sourceFake) settle() {
	s.told = append(s.told, fmt.Sprint("settle ", s.taken))
	s.taken = nil
}

func (s *sourceFake) restore(written bool) {
	s.told = append(s.told, fmt.Sprint("restore ", s.taken, " written ", written))
	s.waiting, s.taken = append(append([]int(nil), s.taken...), s.waiting...), nil
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		increments bool
		fates      []fate
		fails      bool
		sent       []string
		told       []string
	}{
		{"everything arrives", false, nil, false, []string{"a 1 1", "a 2 1"}, []string{"begin", "settle [1]", "settle [2]"}},
		{"totals are refused", false, []fate{refused}, true, []string{"a 1 1"}, []string{"begin", "restore [1] written false"}},
		{"totals vanish", false, []fate{vanishes}, true, []string{"a 1 1"}, []string{"begin", "restore [1] written true"}},
		{"increments are refused", true, []fate{refused}, true, []string{"a 1 1"}, []string{"begin", "restore [1] written false"}},
		{"increments vanish", true, []fate{vanishes}, true, []string{"a 1 1"}, []string{"begin"}},
		{"the second vanishes", true, []fate{arrives, torn}, true, []string{"a 1 1", "a 2 1"}, []string{"begin", "settle [1]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &receiverFake{fate: fates(c.fates...)}
			s := &sourceFake{name: "a", waiting: []int{1, 2}, increments: c.increments}
			o := newOutbox(r, 1, s)
			if err := o.flush(t.Context(), false); (err != nil) != c.fails {
				t.Errorf("error %v", err)
			}
			if got := strings.Fields(strings.ReplaceAll(strings.Join(r.batches(), ""), " ", "_")); !cmp.Equal(got, underscored(c.sent)) {
				t.Errorf("sent %q, want %q", got, c.sent)
			}
			if diff := cmp.Diff(c.told, s.told); diff != "" {
				t.Errorf("the source was told (-want +got):\n%s", diff)
			}
		})
	}
}

func underscored(list []string) []string {
	var got []string
	for _, s := range list {
		got = append(got, strings.ReplaceAll(s, " ", "_"))
	}
	return got
}

func TestOutboxHoldsWhatMayHaveArrived(t *testing.T) {
	t.Parallel()
	r := &receiverFake{fate: fates(vanishes, refused, vanishes, arrives)}
	a, b := &sourceFake{name: "a", waiting: []int{1}, increments: true}, &sourceFake{name: "b", waiting: []int{7}}
	o := newOutbox(r, 1000, a, b)
	for i := range 4 {
		err := o.flush(t.Context(), false)
		if (err == nil) != (i == 3) {
			t.Errorf("flush %d: %v", i, err)
		}
		if i < 3 && (!o.held || len(a.waiting) != i) {
			t.Errorf("flush %d: held is %v, %d wait", i, o.held, len(a.waiting))
		}
		a.waiting = append(a.waiting, i+2)
	}
	want := []string{"a 1 1\nb 7 1\n", "a 1 1\nb 7 1\n", "a 1 1\nb 7 1\n", "a 1 1\nb 7 1\n", "a 2 1\n", "a 3 1\n", "a 4 1\n"}
	if diff := cmp.Diff(want, r.batches()); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	// Of the three repeats one was refused before anything was written.
	if o.again != (delivery.Traffic{Lines: 4, Bytes: 24}) {
		t.Errorf("sent again: %+v", o.again)
	}
}

func TestOutboxStopsWithItsContext(t *testing.T) {
	t.Parallel()
	r := &receiverFake{}
	o := newOutbox(r, 1, &sourceFake{name: "a", waiting: []int{1}})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDown)
	if err := o.flush(ctx, false); !errors.Is(err, errDown) || len(r.batches()) != 0 {
		t.Errorf("error %v, sent %q", err, r.batches())
	}
}

func TestBatchAge(t *testing.T) {
	t.Parallel()
	var b batch
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	for _, at := range []time.Time{late, early, late} {
		b.waitsSince(at)
	}
	if !b.oldest.Equal(early) {
		t.Errorf("oldest %v", b.oldest)
	}
	b.reset(late, true)
	if !b.oldest.IsZero() || !b.final || b.now != 2 {
		t.Errorf("after reset: %+v", b)
	}
}
