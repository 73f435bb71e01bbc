//! The outermost layer: each call is one trace, one line of the log and one count, all with one trace id.
//!
//! A call ends when its answer has gone out or nobody waits for it any more, so the body of the answer is watched
//! too. Knows no service.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http_body::{Frame, SizeHint};
use opentelemetry::trace::{Status as SpanStatus, TraceContextExt};
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::methods::{is_ours, method_of};
use super::metrics::{EndedCall, Present, metrics};
use super::status::code_name;
use super::telemetry::{CALL, new_span_id, new_trace_id, parent_of};

/// Where a caller names its call, and where the name comes back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Most characters of a caller's name for its call; a longer one is replaced.
const MAX_REQUEST_ID: usize = 64;

/// Puts an [`Observe`] around a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObserveLayer;

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Observe<S> {
        Observe { inner }
    }
}

/// Watches the calls of a service.
#[derive(Debug, Clone)]
pub(super) struct Observe<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for Observe<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (mut call, request_id) = Call::begin(&request);
        let received = Arc::clone(&call.received);
        let request = request.map(|body| Body::new(Received { body, bytes: received }));
        let span = call.span.clone();
        let answering = span.in_scope(|| self.inner.call(request)).instrument(span.clone());
        Box::pin(async move {
            let mut response = answering.await.inspect_err(|_| call.code = Some(Code::Unknown))?;
            call.code = Status::from_header_map(response.headers()).map(|status| status.code());
            response.headers_mut().insert(REQUEST_ID, request_id);
            Ok(response.map(|body| Body::new(Sent { body, call })))
        })
    }
}

/// A call that goes on; when it is dropped, it has ended.
struct Call {
    method: &'static str,
    began: Instant,
    span: Span,
    /// As far as it is known; none at the end: nobody waited for it.
    code: Option<Code>,
    received: Arc<AtomicU64>,
    sent: u64,
    _present: Present,
}

impl Call {
    /// A call and its request id.
    fn begin(request: &Request<Body>) -> (Self, HeaderValue) {
        let method = method_of(request.uri().path());
        let (request_id, header) = request_id(request.headers());
        let call = Self {
            method,
            began: Instant::now(),
            span: span(method, &request_id, request.headers()),
            code: None,
            received: Arc::default(),
            sent: 0,
            _present: metrics().call_begins(),
        };
        (call, header)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let code = self.code.unwrap_or(Code::Cancelled);
        let ended = EndedCall {
            method: self.method,
            code: code_name(code),
            took: self.began.elapsed(),
            request_bytes: self.received.load(Relaxed),
            response_bytes: self.sent,
        };
        metrics().call_ended(&ended);
        self.span.set_attribute("rpc.grpc.status_code", code as i64);
        if is_fault(code) {
            self.span.set_status(SpanStatus::error(ended.code));
        }
        self.span.in_scope(|| log(&ended, is_fault(code)));
    }
}

/// Whether the server is to blame.
fn is_fault(code: Code) -> bool {
    matches!(code, Code::Internal | Code::Unknown | Code::DataLoss)
}

/// The line of a call. Probes and reflection are told at debug only: they come all the time.
fn log(call: &EndedCall, fault: bool) {
    let EndedCall { method, code, took, request_bytes, response_bytes } = *call;
    let seconds = took.as_secs_f64();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(target: CALL, method, code, seconds, request_bytes, response_bytes, "call ended")
        };
    }
    match (fault, is_ours(method)) {
        (true, _) => line!(warn),
        (false, true) => line!(info),
        (false, false) => line!(debug),
    }
}

/// The span of a call, below the caller's if it sent a `traceparent`. Of the highest level, so that whatever is
/// logged within it carries the ids.
fn span(method: &'static str, request_id: &str, headers: &HeaderMap) -> Span {
    let span = tracing::error_span!(
        target: CALL,
        "call",
        request_id,
        trace_id = tracing::field::Empty,
        caller = tracing::field::Empty,
        otel.name = method,
        otel.kind = "server",
    );
    let parent = parent_of(headers);
    let given = parent.span().span_context().clone();
    if given.is_valid() {
        // Fails where no traces are sent; the id is then only logged.
        let _ = span.set_parent(parent);
    }
    span.set_attribute("rpc.system", "grpc");
    span.set_attribute("rpc.method", method);
    let own = span.context().span().span_context().clone();
    let known = [own, given].into_iter().find(opentelemetry::trace::SpanContext::is_valid);
    let trace_id = known.map_or_else(new_trace_id, |context| context.trace_id());
    span.record("trace_id", tracing::field::display(trace_id));
    span
}

/// The caller's name for its call if it may stand in a log, else a new one; and the same as a header.
fn request_id(headers: &HeaderMap) -> (String, HeaderValue) {
    let plain = |id: &&str| {
        (1..=MAX_REQUEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(plain);
    let id = given.map_or_else(|| new_span_id().to_string(), str::to_owned);
    let header = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static(""));
    (id, header)
}

/// The body of a request, whose bytes are counted.
struct Received {
    body: Body,
    bytes: Arc<AtomicU64>,
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.bytes.fetch_add(data.len() as u64, Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, with which its call ends.
struct Sent {
    body: Body,
    call: Call,
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Self { body, call } = self.get_mut();
        let span = call.span.clone();
        let frame = ready!(span.in_scope(|| Pin::new(body).poll_frame(context)));
        match &frame {
            Some(Ok(frame)) => {
                call.sent += frame.data_ref().map_or(0, |data| data.len() as u64);
                if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
                    call.code = Some(status.code());
                }
            }
            Some(Err(status)) => call.code = Some(status.code()),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
