// A gRPC service with grpc-go, as it runs behind ferroway. What it answers is gRPC's own test service.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"path"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

// The largest message that is taken; the default is 4 MiB.
const maxMessage = 64 << 20

func main() {
	addr := flag.String("addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:50051"), "address to listen on")
	cert := flag.String("cert", "", "certificate, for TLS (https:// in the router's configuration); without it h2c://")
	key := flag.String("key", "", "key of the certificate")
	clientCA := flag.String("client-ca", "", "only clients with a certificate of this authority are served")
	flag.Parse()

	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.StreamInterceptor(tellStream),
	}
	if *cert != "" {
		config, err := serverTLS(*cert, *key, *clientCA)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer())

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		// Asks the router's connections to leave (GOAWAY); what is under way comes to its end.
		server.GracefulStop()
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// serverTLS has a client certificate checked where an authority for them is given.
func serverTLS(cert, key, clientCA string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	if clientCA != "" {
		pem, err := os.ReadFile(clientCA)
		if err != nil {
			return nil, err
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificate in %s", clientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// tellStream tells how a stream ended, on the standard output. The context of a call ends when its client goes away and
// when its time is up, also where the client is behind a router.
func tellStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	method := path.Base(info.FullMethod)
	fmt.Printf("begin %s\n", method)
	err := next(srv, stream)
	how := "done"
	switch ctx := stream.Context(); {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		how = "deadline"
	case errors.Is(ctx.Err(), context.Canceled):
		how = "canceled"
	case err != nil && !errors.Is(err, io.EOF):
		how = status.Code(err).String()
	}
	fmt.Printf("end %s %s\n", method, how)
	return err
}
