package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestRunShowsEveryFormat(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(flags{wait: 30 * time.Second}, &screen{w: &out}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n  sli.place_order.error.total.channel.web.instance.shop-1.service_name.shop 1 ",
		"\n  sli.place_order.total;channel=web;instance=shop-1;service.name=shop 61 ",
		"\n  put stock.items ",
		" 60 service=shop response_type=success method_name=place_order instance=shop-1 channel=web\n",
		"The receiver had read all ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("there is colour in what is no terminal")
	}
}

func TestRunOneFormatToAServer(t *testing.T) {
	t.Parallel()
	r, err := listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	var out bytes.Buffer
	if err := run(flags{server: r.address(), format: "graphite", wait: 30 * time.Second}, &screen{w: &out, colour: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.text(), "stock.items") || !strings.Contains(out.String(), "are acknowledged by tcp://127.0.0.1") {
		t.Errorf("the receiver has:\n%s\nthe output is: %s", r.text(), out.String())
	}
}

func TestRunWithoutAServer(t *testing.T) {
	t.Parallel()
	err := run(flags{server: "tcp://127.0.0.1:1", format: "graphite", wait: 300 * time.Millisecond}, &screen{w: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("error %v, want it to name the server", err)
	}
}
