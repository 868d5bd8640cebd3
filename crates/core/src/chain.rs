//! Middlewares and the chain that a request runs through.
//!
//! There are two shapes and no third. A [`Filter`] edits heads synchronously or answers at once,
//! and costs no boxed future. A [`Wrap`] waits, touches bodies, or sends requests of its own.

use std::any::Any;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Exchange, LocalBoxFuture, Request, RequestHead, Response, ResponseHead};

/// What a filter remembers from the request for its response.
pub type State = Box<dyn Any>;

/// What a filter decided about a request.
#[derive(Debug)]
pub enum Flow {
    /// Go on; the response passes [`Filter::response`] without a state.
    Next,
    /// Go on, and hand this to [`Filter::response`].
    Keep(State),
    /// This is the response; neither the rest of the chain nor this filter's own `response` sees it.
    Answer(Box<Response>),
}

/// A synchronous middleware.
pub trait Filter: Send + Sync {
    /// Edits the request, or answers it.
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow;

    /// Edits the response.
    fn response(&self, _state: Option<State>, _response: &mut ResponseHead, _exchange: &mut Exchange) {}
}

/// An asynchronous middleware around the rest of the chain.
pub trait Wrap: Send + Sync {
    /// Makes the response, usually by way of `next`.
    fn handle<'a>(
        &'a self,
        request: Request,
        exchange: &'a mut Exchange,
        next: Next<'a>,
    ) -> LocalBoxFuture<'a, Response>;
}

/// A middleware of either shape.
#[derive(Clone)]
pub enum Middleware {
    /// Synchronous.
    Filter(Arc<dyn Filter>),
    /// Asynchronous.
    Wrap(Arc<dyn Wrap>),
}

/// A middleware in its place in a chain.
#[derive(Clone)]
pub struct Step {
    /// `name@provider`.
    pub name: Arc<str>,
    /// The kind as in configuration (`stripPrefix`).
    pub kind: &'static str,
    /// What runs.
    pub middleware: Middleware,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.kind)
    }
}

/// The end of a chain: a service, or a router of the next level.
pub trait Terminal {
    /// Makes the response.
    fn call<'a>(
        &'a self,
        request: Request,
        exchange: &'a mut Exchange,
    ) -> impl Future<Output = Response> + 'a;
}

/// [`Terminal`] behind a pointer.
trait DynTerminal {
    fn call_boxed<'a>(&'a self, request: Request, exchange: &'a mut Exchange)
    -> LocalBoxFuture<'a, Response>;
}

impl<T: Terminal> DynTerminal for T {
    fn call_boxed<'a>(
        &'a self,
        request: Request,
        exchange: &'a mut Exchange,
    ) -> LocalBoxFuture<'a, Response> {
        Box::pin(self.call(request, exchange))
    }
}

/// What follows a [`Wrap`]. It may be run more than once.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    chain: &'a [Step],
    end: &'a dyn DynTerminal,
}

impl<'a> Next<'a> {
    /// Runs the rest of the chain.
    pub fn run(self, request: Request, exchange: &'a mut Exchange) -> LocalBoxFuture<'a, Response> {
        Box::pin(async move { run_chain(self.chain, &self, request, exchange).await })
    }
}

impl Terminal for Next<'_> {
    async fn call(&self, request: Request, exchange: &mut Exchange) -> Response {
        self.end.call_boxed(request, exchange).await
    }
}

/// The states of the filters that a request has passed, by their place in the chain.
type Passed<'a> = SmallVec<[(&'a Arc<dyn Filter>, Option<State>); 6]>;

/// Runs a request through a chain to its end, and the response back through the chain's filters.
pub async fn run_chain<T: Terminal>(
    chain: &[Step],
    end: &T,
    mut request: Request,
    exchange: &mut Exchange,
) -> Response {
    if chain.is_empty() {
        return end.call(request, exchange).await;
    }
    let mut passed = Passed::new();
    let mut steps = chain.iter();
    let mut response = loop {
        let Some(step) = steps.next() else { break end.call(request, exchange).await };
        match &step.middleware {
            Middleware::Filter(filter) => match filter.request(&mut request.head, exchange) {
                Flow::Next => passed.push((filter, None)),
                Flow::Keep(state) => passed.push((filter, Some(state))),
                Flow::Answer(response) => break *response,
            },
            Middleware::Wrap(wrap) => {
                break wrap.handle(request, exchange, Next { chain: steps.as_slice(), end }).await;
            }
        }
    };
    for (filter, state) in passed.into_iter().rev() {
        filter.response(state, &mut response.head, exchange);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::rc::Rc;

    use http::{HeaderValue, Method, StatusCode, Version};

    use super::*;
    use crate::{Body, ConnInfo, HeaderList, InterimQueue, Target};

    thread_local! {
        static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    fn note(what: String) {
        SEEN.with_borrow_mut(|seen| seen.push(what));
    }

    struct Noting(&'static str, bool);

    impl Filter for Noting {
        fn request(&self, _: &mut RequestHead, _: &mut Exchange) -> Flow {
            note(format!("{}>", self.0));
            if self.1 {
                Flow::Answer(Box::new(Response::new(StatusCode::FORBIDDEN)))
            } else {
                Flow::Keep(Box::new(self.0))
            }
        }

        fn response(&self, state: Option<State>, _: &mut ResponseHead, _: &mut Exchange) {
            let kept = state.and_then(|state| state.downcast::<&str>().ok());
            note(format!("<{}", kept.expect("the state that was kept")));
        }
    }

    struct Twice;

    impl Wrap for Twice {
        fn handle<'a>(
            &'a self,
            request: Request,
            exchange: &'a mut Exchange,
            next: Next<'a>,
        ) -> LocalBoxFuture<'a, Response> {
            Box::pin(async move {
                next.run(request_of(), &mut *exchange).await;
                next.run(request, exchange).await
            })
        }
    }

    struct End;

    impl Terminal for End {
        async fn call(&self, _: Request, _: &mut Exchange) -> Response {
            note("end".to_owned());
            Response::new(StatusCode::OK)
        }
    }

    fn request_of() -> Request {
        Request {
            head: Box::new(RequestHead {
                method: Method::GET,
                target: Target::root(),
                version: Version::HTTP_11,
                host: HeaderValue::from_static("a.test"),
                headers: HeaderList::new(),
                connection: Vec::new(),
                upgrade: None,
                accepts_trailers: false,
            }),
            body: Body::Empty,
        }
    }

    fn run(chain: Vec<Middleware>) -> (StatusCode, Vec<String>) {
        let chain: Vec<Step> = chain
            .into_iter()
            .map(|middleware| Step { name: "m@test".into(), kind: "test", middleware })
            .collect();
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let conn = ConnInfo::new("web".into(), nowhere);
        let mut exchange = Exchange::new(Rc::new(conn), InterimQueue::default(), crate::clock::now());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let response = runtime.block_on(run_chain(&chain, &End, request_of(), &mut exchange));
        (response.head.status, SEEN.take())
    }

    fn filter(name: &'static str, answers: bool) -> Middleware {
        Middleware::Filter(Arc::new(Noting(name, answers)))
    }

    #[test]
    fn filters_see_the_response_in_reverse_order() {
        let (status, seen) = run(vec![filter("a", false), filter("b", false)]);
        assert_eq!(
            (status, seen),
            (StatusCode::OK, ["a>", "b>", "end", "<b", "<a"].map(String::from).to_vec())
        );
    }

    #[test]
    fn an_answer_skips_the_rest_and_the_answering_filter() {
        let (status, seen) = run(vec![filter("a", false), filter("b", true), filter("c", false)]);
        assert_eq!((status, seen), (StatusCode::FORBIDDEN, ["a>", "b>", "<a"].map(String::from).to_vec()));
    }

    #[test]
    fn a_wrap_runs_what_follows_as_often_as_it_likes() {
        let (_, seen) = run(vec![filter("a", false), Middleware::Wrap(Arc::new(Twice)), filter("b", false)]);
        let expected = ["a>", "b>", "end", "<b", "b>", "end", "<b", "<a"];
        assert_eq!(seen, expected.map(String::from));
    }
}
