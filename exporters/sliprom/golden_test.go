package sliprom

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for _, format := range []struct {
			name, accept string
			options      []Option
		}{
			{"text", acceptText, nil},
			{"openmetrics", acceptOpenMetrics, nil},
			{"created", acceptOpenMetrics, []Option{WithCreatedSamples()}},
			{"text_created", acceptText, []Option{WithCreatedSamples()}}, // that format has none
		} {
			t.Run(layout.String()+"/"+format.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { // for its clock, which the births of series show
					s := newShop(t, otelsli.WithLayout(layout))
					e := open(t, s.catalog, format.options...)
					time.Sleep(time.Minute)
					s.sell(t)
					name := strings.TrimSuffix(format.name, "_created")
					golden.Compare(t, "testdata/"+layout.String()+"."+name+".txt", get(t, e.Handler(), format.accept))
				})
			})
		}
	}
}

// decode reads delimited protobuf.
func decode(t testing.TB, body string) []*dto.MetricFamily {
	t.Helper()
	var families []*dto.MetricFamily
	r := bufio.NewReader(bytes.NewBufferString(body))
	for {
		f := &dto.MetricFamily{}
		err := protodelim.UnmarshalFrom(r, f)
		if errors.Is(err, io.EOF) {
			return families
		}
		if err != nil {
			t.Fatal(err)
		}
		families = append(families, f)
	}
}

func TestProtobufHasTheSameSamplesAndTheBirthOfEverySeries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := open(t, s.catalog)
		birth := time.Now()
		time.Sleep(time.Hour)
		s.sell(t)
		families := decode(t, get(t, e.Handler(), acceptProtobuf))
		if diff := cmp.Diff(scraped(t, e.Handler()), flatten(families)); diff != "" {
			t.Errorf("protobuf differs from text (-text +protobuf):\n%s", diff)
		}
		for _, f := range families {
			for _, m := range f.Metric {
				if f.GetType() != dto.MetricType_COUNTER {
					continue
				}
				want := birth
				if len(m.Label) == 2 && m.Label[0].GetValue() == "fax" {
					want = birth.Add(time.Hour)
				}
				if got := m.Counter.CreatedTimestamp.AsTime(); !got.Equal(want) {
					t.Errorf("%s%v was born %v, want %v", f.GetName(), m.Label, got, want)
				}
			}
		}
	})
}
