package otelsli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind       otelsli.Kind
		text, json string
	}{
		{otelsli.ErrorRate, "error_rate", `["error_rate"]`},
		{otelsli.Apdex, "apdex", `["apdex"]`},
		{otelsli.ErrorRate | otelsli.Apdex, "error_rate+apdex", `["error_rate","apdex"]`},
	} {
		data, err := json.Marshal(tt.kind)
		if err != nil || string(data) != tt.json || tt.kind.String() != tt.text {
			t.Errorf("%d: JSON %s, %v, String %q; want %s, %q", tt.kind, data, err, tt.kind, tt.json, tt.text)
		}
		var back otelsli.Kind
		if err := json.Unmarshal(data, &back); err != nil || back != tt.kind {
			t.Errorf("%s read back as %v, %v", data, back, err)
		}
	}
}

func TestKindHas(t *testing.T) {
	t.Parallel()
	both := otelsli.ErrorRate | otelsli.Apdex
	if !both.Has(otelsli.Apdex) || !both.Has(both) || otelsli.Apdex.Has(both) || otelsli.Apdex.Has(otelsli.ErrorRate) {
		t.Error("Has is wrong about subsets")
	}
}

func TestKindInvalid(t *testing.T) {
	t.Parallel()
	for kind, want := range map[otelsli.Kind]string{0: "Kind(0)", 4: "Kind(4)", 7: "Kind(7)"} {
		if got := kind.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	for text, want := range map[string]string{
		`["latency"]`:  `otelsli: kind "latency": want error_rate or apdex`,
		`"error_rate"`: "otelsli: kinds: json:",
	} {
		var k otelsli.Kind
		if err := json.Unmarshal([]byte(text), &k); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
}
