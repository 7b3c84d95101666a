package sliotlp_test

import (
	"context"
	"fmt"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

// A wrong setting is an error at start that says what would be right.
func ExampleNew() {
	_, err := sliotlp.New(context.Background(),
		sliotlp.WithEndpoint("localhost:4318"),
		sliotlp.WithTimeout(0),
	)
	fmt.Println(err)
	// Output:
	// otelsli: OTLP exporter: WithEndpoint is "localhost:4318": want http://localhost:4318, or https:// where it has TLS
	// otelsli: OTLP exporter: WithTimeout is 0s: want a positive duration, such as 10s
}

func ExampleParseHeaders() {
	headers, err := sliotlp.ParseHeaders("Authorization=Basic%20dXNlcjpwdw==,X-Scope-OrgID=shop")
	fmt.Println(headers, err)
	_, err = sliotlp.ParseHeaders("Authorization=secret%")
	fmt.Println(err)
	// Output:
	// map[Authorization:Basic dXNlcjpwdw== X-Scope-OrgID:shop] <nil>
	// otelsli: headers: member 1 is that of "Authorization": want a value that is percent-encoded; a percent sign is written %25
}

func ExampleParseProtocol() {
	fmt.Println(sliotlp.ParseProtocol("GRPC"))
	fmt.Println(sliotlp.ParseProtocol("http"))
	// Output:
	// grpc <nil>
	// http/protobuf otelsli: protocol is "http": want http/protobuf or grpc
}

func ExampleParseCompression() {
	fmt.Println(sliotlp.ParseCompression("gzip"))
	// Output: gzip <nil>
}

func ExampleParseTemporality() {
	fmt.Println(sliotlp.ParseTemporality("delta"))
	// Output: delta <nil>
}

func ExampleParseHistogramAggregation() {
	fmt.Println(sliotlp.ParseHistogramAggregation("explicit_bucket_histogram"))
	// Output: explicit_bucket_histogram <nil>
}
