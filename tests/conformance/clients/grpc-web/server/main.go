// A gRPC server, made with grpc-go, to stand behind the router. Its argument is the address to listen on.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// echo answers with what it got: in the message, in the fields before it and in those after it.
func echo(ctx context.Context, in *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
	note := ""
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		note = strings.Join(md.Get("x-note"), ",")
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs("x-before", note)); err != nil {
		return nil, err
	}
	if err := grpc.SetTrailer(ctx, metadata.Pairs("x-after", note)); err != nil {
		return nil, err
	}
	if in.GetValue() == "fail" {
		return nil, status.Error(codes.FailedPrecondition, "100 % schön")
	}
	return wrapperspb.String(in.GetValue()), nil
}

// count sends the parts of a text, one after the other, and fails at the part "fail".
func count(in *wrapperspb.StringValue, stream grpc.ServerStream) error {
	for _, part := range strings.Split(in.GetValue(), " ") {
		if part == "fail" {
			return status.Error(codes.Aborted, "in the middle")
		}
		if err := stream.SendMsg(wrapperspb.String(part)); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	stream.SetTrailer(metadata.Pairs("x-after", "all"))
	return nil
}

var service = grpc.ServiceDesc{
	ServiceName: "ferroway.test.Echo",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Echo",
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.StringValue)
			if err := decode(in); err != nil {
				return nil, err
			}
			return echo(ctx, in)
		},
	}},
	Streams: []grpc.StreamDesc{{
		StreamName:    "Count",
		ServerStreams: true,
		Handler: func(_ any, stream grpc.ServerStream) error {
			in := new(wrapperspb.StringValue)
			if err := stream.RecvMsg(in); err != nil {
				return err
			}
			return count(in, stream)
		},
	}},
}

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	server.RegisterService(&service, struct{}{})
	log.Fatal(server.Serve(listener))
}
