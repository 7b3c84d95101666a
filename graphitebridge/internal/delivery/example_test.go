package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
)

func Example() {
	receiver, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer receiver.Close()
	read := make(chan string, 1)
	go func() {
		c, err := receiver.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		text, _ := io.ReadAll(c)
		read <- string(text)
	}()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server, err := delivery.ParseServer("tcp://"+receiver.Addr().String(), 2003)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := delivery.New(delivery.Config{Servers: []delivery.Server{server}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx)
	result, err := client.Deliver(ctx, []byte("requests.total 5 1700000000\n"), 1)
	fmt.Println("acknowledged:", result.Acknowledged, err)
	fmt.Print("the receiver has read: ", <-read)
	// Output:
	// acknowledged: true <nil>
	// the receiver has read: requests.total 5 1700000000
}

func ExampleParseServer() {
	for _, text := range []string{"tcp://graphite.example.com", "tls://[2001:db8::1]:4242/", "graphite.example.com:2003"} {
		server, err := delivery.ParseServer(text, 2003)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(server)
	}
	// Output:
	// tcp://graphite.example.com:2003
	// tls://[2001:db8::1]:4242
	// otelsli: server address is "graphite.example.com:2003": want tcp://host:port or tls://host:port, such as tcp://graphite.example.com:2003 or tls://[2001:db8::1]:2003
}
