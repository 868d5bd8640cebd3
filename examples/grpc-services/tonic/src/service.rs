//! gRPC's test service: answers of the sizes that are asked for, in the four shapes that methods have.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};

use self::pb::test_service_server::TestService;
use self::pb::{
    EchoStatus, Empty, Payload, ResponseParameters, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
    StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
};

/// What the description of the service becomes.
pub mod pb {
    tonic::include_proto!("grpc.testing");
}

/// The largest message that is taken or given.
pub const MAX_MESSAGE: usize = 64 << 20;

/// The service.
#[derive(Debug)]
pub struct Service;

/// The answers of a call. Tells on the standard output how it ended: a call whose client goes away, or whose time is
/// up, has its answers dropped before their end. This is how a service notices.
pub struct Answers {
    method: &'static str,
    answers: ReceiverStream<Answer>,
    ended: bool,
}

type Answer = Result<StreamingOutputCallResponse, Status>;

impl Answers {
    /// Answers of a call that begins, and where they come from.
    fn begin(method: &'static str) -> (Sender, Self) {
        println!("begin {method}");
        let (sender, answers) = mpsc::channel(1);
        (sender, Self { method, answers: ReceiverStream::new(answers), ended: false })
    }
}

impl Stream for Answers {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Answer>> {
        let next = Pin::new(&mut self.answers).poll_next(cx);
        self.ended = matches!(next, Poll::Ready(None | Some(Err(_))));
        next
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        println!("end {} {}", self.method, if self.ended { "done" } else { "canceled" });
    }
}

#[tonic::async_trait]
impl TestService for Service {
    type StreamingOutputCallStream = Answers;
    type FullDuplexCallStream = Answers;

    async fn empty_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Ok(Response::new(Empty {}))
    }

    async fn unary_call(&self, request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
        let request = request.into_inner();
        check_status(request.response_status)?;
        Ok(Response::new(SimpleResponse { payload: payload(request.response_size)? }))
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<Answers>, Status> {
        let (sender, answers) = Answers::begin("StreamingOutputCall");
        tokio::spawn(async move { answer(&request.into_inner().response_parameters, &sender).await });
        Ok(Response::new(answers))
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let mut messages = request.into_inner();
        let mut size = 0;
        while let Some(message) = messages.next().await {
            size += message?.payload.map_or(0, |payload| payload.body.len());
        }
        let aggregated_payload_size = i32::try_from(size).map_err(|_| Status::out_of_range("too much"))?;
        Ok(Response::new(StreamingInputCallResponse { aggregated_payload_size }))
    }

    async fn full_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let (sender, answers) = Answers::begin("FullDuplexCall");
        tokio::spawn(async move {
            if let Err(status) = converse(request.into_inner(), &sender).await {
                // It fails when nobody listens any more.
                let _ = sender.send(Err(status)).await;
            }
        });
        Ok(Response::new(answers))
    }
}

type Sender = mpsc::Sender<Answer>;

/// Answers each message when it comes.
async fn converse(
    mut messages: Streaming<StreamingOutputCallRequest>,
    answers: &Sender,
) -> Result<(), Status> {
    while let Some(message) = messages.next().await {
        let message = message?;
        check_status(message.response_status)?;
        answer(&message.response_parameters, answers).await;
    }
    Ok(())
}

/// Sends the answers that a message asks for.
async fn answer(parameters: &[ResponseParameters], answers: &Sender) {
    for one in parameters {
        let wait = u64::try_from(one.interval_us).unwrap_or(0);
        if wait > 0 {
            tokio::time::sleep(Duration::from_micros(wait)).await;
        }
        let message = payload(one.size).map(|payload| StreamingOutputCallResponse { payload });
        if answers.send(message).await.is_err() {
            return;
        }
    }
}

/// The status that a message asks for, as an error.
fn check_status(wanted: Option<EchoStatus>) -> Result<(), Status> {
    match wanted {
        Some(status) if status.code != 0 => Err(Status::new(Code::from(status.code), status.message)),
        _ => Ok(()),
    }
}

/// That many bytes.
fn payload(size: i32) -> Result<Option<Payload>, Status> {
    let size = usize::try_from(size).map_err(|_| Status::invalid_argument("a negative size"))?;
    if size > MAX_MESSAGE {
        return Err(Status::invalid_argument("too large"));
    }
    Ok(Some(Payload { body: vec![0; size] }))
}
