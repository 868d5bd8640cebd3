package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

const (
	large   = 16 << 20
	streams = 220 // nearly as many as the router allows on a connection
)

type service = testgrpc.TestServiceClient

// grpcCase is one of our own, or one of gRPC's interoperability tests, which end the program when they fail.
type grpcCase func(ctx context.Context, conn *grpc.ClientConn) error

func official(run func(context.Context, service, ...grpc.CallOption)) grpcCase {
	return func(ctx context.Context, conn *grpc.ClientConn) error {
		run(ctx, testgrpc.NewTestServiceClient(conn))
		return nil
	}
}

var grpcCases = map[string]grpcCase{
	"empty_unary":                 official(interop.DoEmptyUnaryCall),
	"large_unary":                 official(interop.DoLargeUnaryCall),
	"client_streaming":            official(interop.DoClientStreaming),
	"server_streaming":            official(interop.DoServerStreaming),
	"ping_pong":                   official(interop.DoPingPong),
	"empty_stream":                official(interop.DoEmptyStream),
	"timeout_on_sleeping_server":  official(interop.DoTimeoutOnSleepingServer),
	"cancel_after_begin":          official(interop.DoCancelAfterBegin),
	"cancel_after_first_response": official(interop.DoCancelAfterFirstResponse),
	"custom_metadata":             official(interop.DoCustomMetadata),
	"status_code_and_message":     official(interop.DoStatusCodeAndMessage),
	"special_status_message":      official(interop.DoSpecialStatusMessage),
	"unimplemented_method": func(ctx context.Context, conn *grpc.ClientConn) error {
		interop.DoUnimplementedMethod(ctx, conn)
		return nil
	},
	"unimplemented_service": func(ctx context.Context, conn *grpc.ClientConn) error {
		interop.DoUnimplementedService(ctx, testgrpc.NewUnimplementedServiceClient(conn))
		return nil
	},
	"large_messages": largeMessages,
	"many_streams":   manyStreams,
	"slow_reader":    slowReader,
	"deadline":       deadline,
	"cancel":         cancel,
	"call":           call,
	"hold":           hold,
}

func runGRPC(o options, names []string) {
	creds := insecure.NewCredentials()
	if config := o.tlsConfig(); config != nil {
		creds = credentials.NewTLS(config)
	}
	calls := []grpc.CallOption{grpc.MaxCallRecvMsgSize(2 * large), grpc.MaxCallSendMsgSize(2 * large)}
	if o.sni != "" {
		calls = append(calls, grpc.CallAuthority(o.host))
	}
	conn, err := grpc.NewClient("passthrough:///"+o.addr, grpc.WithTransportCredentials(creds),
		grpc.WithAuthority(cmp.Or(o.sni, o.host)), grpc.WithDefaultCallOptions(calls...))
	must(err)
	defer conn.Close()
	for _, name := range names {
		run, ok := grpcCases[name]
		if !ok {
			fail("no case is called %q", name)
		}
		ctx, stop := context.WithTimeout(context.Background(), 50*time.Second)
		if err := run(ctx, conn); err != nil {
			fail("%s: %v", name, err)
		}
		stop()
		fmt.Printf("ok %s\n", name)
	}
}

// ask is a message that asks for answers of these sizes.
func ask(size int, sizes ...int32) *testgrpc.StreamingOutputCallRequest {
	message := &testgrpc.StreamingOutputCallRequest{Payload: interop.ClientNewPayload(testgrpc.PayloadType_COMPRESSABLE, size)}
	for _, size := range sizes {
		message.ResponseParameters = append(message.ResponseParameters, &testgrpc.ResponseParameters{Size: size})
	}
	return message
}

// pingPong sends a message on a stream and waits for its answer.
func pingPong(stream testgrpc.TestService_FullDuplexCallClient, size int) error {
	if err := stream.Send(ask(size, int32(size))); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	answer, err := stream.Recv()
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if got := len(answer.GetPayload().GetBody()); got != size {
		return fmt.Errorf("an answer of %d bytes, want %d", got, size)
	}
	return nil
}

// end closes a stream from our side; the service must follow with status OK.
func end(stream testgrpc.TestService_FullDuplexCallClient) error {
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("at the end: %w", err)
	}
	return nil
}

// largeMessages sends 16 MiB and has as much sent back, in one call and in a stream.
func largeMessages(ctx context.Context, conn *grpc.ClientConn) error {
	client := testgrpc.NewTestServiceClient(conn)
	reply, err := client.UnaryCall(ctx, &testgrpc.SimpleRequest{
		ResponseSize: large,
		Payload:      interop.ClientNewPayload(testgrpc.PayloadType_COMPRESSABLE, large),
	})
	if err != nil {
		return err
	}
	if got := len(reply.GetPayload().GetBody()); got != large {
		return fmt.Errorf("an answer of %d bytes", got)
	}
	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := pingPong(stream, large); err != nil {
		return err
	}
	return end(stream)
}

// manyStreams has all streams open at once, on one connection.
func manyStreams(ctx context.Context, conn *grpc.ClientConn) error {
	client := testgrpc.NewTestServiceClient(conn)
	var open, done sync.WaitGroup
	open.Add(streams)
	failures := make(chan error, streams)
	for range streams {
		done.Go(func() {
			stream, err := client.FullDuplexCall(ctx)
			if err == nil {
				err = pingPong(stream, 1000)
			}
			open.Done()
			open.Wait()
			for turn := 0; err == nil && turn < 5; turn++ {
				err = pingPong(stream, 1000)
			}
			if err == nil {
				err = end(stream)
			}
			if err != nil {
				failures <- err
			}
		})
	}
	done.Wait()
	close(failures)
	if err, failed := <-failures; failed {
		return fmt.Errorf("%d of %d streams failed, one with: %w", len(failures)+1, streams, err)
	}
	return nil
}

// slowReader does not read one stream; another one on the same connection goes on meanwhile.
func slowReader(ctx context.Context, conn *grpc.ClientConn) error {
	client := testgrpc.NewTestServiceClient(conn)
	sizes := make([]int32, 8)
	for i := range sizes {
		sizes[i] = 4 << 20
	}
	unread, err := client.StreamingOutputCall(ctx, ask(0, sizes...))
	if err != nil {
		return err
	}
	time.Sleep(300 * time.Millisecond)
	other, err := client.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(pingPong(other, 1000), end(other)); err != nil {
		return fmt.Errorf("beside a stream that nobody reads: %w", err)
	}
	for i := range sizes {
		if _, err := unread.Recv(); err != nil {
			return fmt.Errorf("answer %d: %w", i, err)
		}
	}
	_, err = unread.Recv()
	if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// deadline leaves a stream open until its time is up.
func deadline(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, stop := context.WithTimeout(ctx, 400*time.Millisecond)
	defer stop()
	stream, err := testgrpc.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := pingPong(stream, 10); err != nil {
		return err
	}
	if _, err := stream.Recv(); status.Code(err) != codes.DeadlineExceeded {
		return fmt.Errorf("want a deadline that is exceeded, got %w", err)
	}
	return nil
}

// cancel gives a stream up that is open in both directions.
func cancel(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, stop := context.WithCancel(ctx)
	stream, err := testgrpc.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		stop()
		return err
	}
	err = pingPong(stream, 10)
	stop()
	if err != nil {
		return err
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		return fmt.Errorf("want a call that was canceled, got %w", err)
	}
	// The connection is fine.
	_, err = testgrpc.NewTestServiceClient(conn).EmptyCall(context.Background(), &testgrpc.Empty{})
	return err
}

// call makes the simplest call there is and tells its status.
func call(ctx context.Context, conn *grpc.ClientConn) error {
	_, err := testgrpc.NewTestServiceClient(conn).EmptyCall(ctx, &testgrpc.Empty{})
	fmt.Printf("%s: %s\n", status.Code(err), status.Convert(err).Message())
	return nil
}

// hold keeps a stream open and does what it is told on the standard input, line by line: "ping" exchanges a message on the
// stream, "leave" waits until the connection takes no new calls any more, and the end of the input ends the stream.
func hold(_ context.Context, conn *grpc.ClientConn) error {
	ctx := context.Background()
	stream, err := testgrpc.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := pingPong(stream, 10); err != nil {
		return err
	}
	fmt.Println("open")
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		switch order := orders.Text(); order {
		case "ping":
			if err := pingPong(stream, 10); err != nil {
				return err
			}
		case "leave":
			ctx, stop := context.WithTimeout(ctx, 10*time.Second)
			left := conn.WaitForStateChange(ctx, connectivity.Ready)
			stop()
			if !left {
				return errors.New("the connection is not asked to leave")
			}
		default:
			return fmt.Errorf("no order %q", order)
		}
		fmt.Println("done")
	}
	return end(stream)
}
