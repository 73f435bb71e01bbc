//! The layer next to the services: every call ends by its deadline, and a panic is an answer.
//!
//! tonic ends a call at its `grpc-timeout` by CANCELLED, without details, and lets a panic reset the
//! stream. This layer ends it a little earlier by `DEADLINE_EXCEEDED`, so that the answer still reaches
//! the caller in time, and answers INTERNAL after a panic: in the headers while the handler runs, in the
//! trailers while a stream is open. What tonic refuses by itself gets its `ErrorInfo` here. Knows no service.

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tower::{Layer, Service};

use super::error::Error;
use super::status::{explain, status};

/// Most of a caller's time that is kept for the way of the answer.
const RETURN: Duration = Duration::from_millis(20);

/// Puts a [`Guard`] around a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardLayer;

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner }
    }
}

/// Bounds the calls of a service.
#[derive(Debug, Clone)]
pub(super) struct Guard<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for Guard<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let deadline = timeout(request.headers()).and_then(|timeout| Instant::now().checked_add(timeout));
        let call = bounded(self.inner.call(request), deadline);
        Box::pin(async move {
            let mut response = call.await?;
            explain(response.headers_mut());
            Ok(response.map(|body| Body::new(BoundedBody::new(body, deadline))))
        })
    }
}

async fn bounded<C, E>(call: C, deadline: Option<Instant>) -> Result<Response<Body>, E>
where
    C: Future<Output = Result<Response<Body>, E>>,
{
    let mut call = pin!(call);
    let mut alarm = pin!(async {
        match deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => pending().await,
        }
    });
    poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
            Ok(Poll::Ready(done)) => return Poll::Ready(done),
            Ok(Poll::Pending) => {}
            Err(payload) => return Poll::Ready(Ok(status(&Error::panicked(&*payload)).into_http())),
        }
        // The clock is asked too: tonic's own timer may wake this task in the same millisecond.
        let passed = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if passed || alarm.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(status(&Error::DeadlineExceeded).into_http()));
        }
        Poll::Pending
    })
    .await
}

/// The body of an answer, which ends by the deadline too.
struct BoundedBody {
    inner: Body,
    alarm: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl BoundedBody {
    fn new(inner: Body, deadline: Option<Instant>) -> Self {
        Self { inner, alarm: deadline.map(|deadline| Box::pin(sleep_until(deadline))), ended: false }
    }

    /// The last frame: trailers that tell the error. What made the body is dropped, and so stopped.
    fn end(&mut self, error: &Error) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.ended = true;
        self.inner = Body::empty();
        let mut trailers = HeaderMap::new();
        Poll::Ready(Some(status(error).add_header(&mut trailers).map(|()| Frame::trailers(trailers))))
    }
}

impl http_body::Body for BoundedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(context).is_ready()) {
            return self.end(&Error::DeadlineExceeded);
        }
        let inner = &mut self.inner;
        match catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(context))) {
            Ok(polled) => polled.map_ok(explained),
            Err(payload) => self.end(&Error::panicked(&*payload)),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The frame, with an `ErrorInfo` if it tells an error.
fn explained(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            explain(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

/// The time that a call has: its `grpc-timeout` less the way back. A malformed one is no deadline,
/// as in tonic.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let timeout = match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    };
    Some(timeout.saturating_sub((timeout / 20).min(RETURN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tonic::Code;

    async fn code_of(
        call: impl Future<Output = Result<Response<Body>, Infallible>>,
        deadline: Option<Instant>,
    ) -> Code {
        let Ok(response) = bounded(call, deadline).await;
        Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
    }

    #[tokio::test]
    async fn answers_for_late_and_panicking_calls() {
        let soon = Some(Instant::now() + Duration::from_millis(5));
        assert_eq!(code_of(pending(), soon).await, Code::DeadlineExceeded);
        assert_eq!(code_of(async { panic!("on purpose") }, None).await, Code::Internal);
        assert_eq!(code_of(async { Ok(Response::new(Body::empty())) }, soon).await, Code::Ok);
    }

    #[test]
    fn reads_timeouts() {
        let table = [
            ("1H", Some(Duration::from_millis(3_599_980))),
            ("100m", Some(Duration::from_millis(95))),
            ("1000u", Some(Duration::from_micros(950))),
            ("0S", Some(Duration::ZERO)),
            ("99999999H", Some(Duration::from_millis(99_999_999 * 3_600_000 - 20))),
            ("123456789S", None),
            ("S", None),
            ("", None),
            ("+5S", None),
            ("5", None),
            ("5x", None),
        ];
        for (header, want) in table {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", header.parse().unwrap());
            assert_eq!(timeout(&headers), want, "grpc-timeout: {header:?}");
        }
    }
}
