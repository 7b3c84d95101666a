package sliotlp

import (
	"encoding"
	"errors"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// roundTrip checks one enumeration: its texts, in any case, and what is none of them.
func roundTrip[T ~uint8, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, parse func(string) (T, error), texts ...string,
) {
	t.Helper()
	for i, text := range texts {
		for _, spelling := range []string{text, strings.ToUpper(text), " " + text + " "} {
			if v, err := parse(spelling); err != nil || int(v) != i {
				t.Errorf("%q: %v, %v", spelling, v, err)
			}
		}
		var v T
		if err := P(&v).UnmarshalText([]byte(text)); err != nil || int(v) != i {
			t.Errorf("unmarshal %q: %v, %v", text, v, err)
		}
		out, err := any(v).(encoding.TextMarshaler).MarshalText()
		if err != nil || string(out) != text {
			t.Errorf("marshal %d: %q, %v", i, out, err)
		}
	}
	v := T(1)
	err := P(&v).UnmarshalText([]byte("no such thing"))
	if field, ok := errors.AsType[*otelsli.FieldError](err); !ok || field.Value != `"no such thing"` || !strings.Contains(field.Want, texts[0]+", ") && !strings.Contains(field.Want, texts[0]+" or ") {
		t.Errorf("error %v", err)
	}
	if v != 1 {
		t.Errorf("a text that is refused changed the value to %v", v)
	}
	if _, err := any(T(len(texts))).(encoding.TextMarshaler).MarshalText(); err == nil {
		t.Error("a value that does not exist is marshalled")
	}
}

func TestEnums(t *testing.T) {
	t.Parallel()
	roundTrip(t, ParseProtocol, "http/protobuf", "grpc")
	roundTrip(t, ParseCompression, "none", "gzip")
	roundTrip(t, ParseTemporality, "cumulative", "delta", "lowmemory")
	roundTrip(t, ParseHistogramAggregation, "explicit_bucket_histogram", "base2_exponential_bucket_histogram")
}

func TestParseProtocolJSON(t *testing.T) {
	t.Parallel()
	if _, err := ParseProtocol("http/json"); err == nil || !strings.Contains(err.Error(), "want http/protobuf, which") {
		t.Errorf("error %v", err)
	}
}
