//! The layer that lets in only calls with a known bearer token. Health is exempt: orchestrators have none.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::http::header::AUTHORIZATION;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tower::{Layer, Service};

use super::error::Error;
use super::reload::FromFiles;
use super::status::status;
use super::tokens::Tokens;

/// Path of the service that needs no token.
const HEALTH: &str = "/grpc.health.v1.Health/";

/// Puts an [`Auth`] around a service; without tokens everybody may call.
#[derive(Debug, Clone)]
pub(super) struct AuthLayer {
    pub(super) tokens: Option<Arc<FromFiles<Tokens>>>,
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { inner, tokens: self.tokens.clone() }
    }
}

/// Asks for a token.
#[derive(Debug, Clone)]
pub(super) struct Auth<S> {
    inner: S,
    tokens: Option<Arc<FromFiles<Tokens>>>,
}

impl<S> Service<Request<Body>> for Auth<S>
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
        let Some(tokens) = self.tokens.as_ref().filter(|_| !request.uri().path().starts_with(HEALTH)) else {
            return Box::pin(self.inner.call(request));
        };
        let tokens = tokens.current();
        if let Some(caller) = bearer(request.headers()).and_then(|token| tokens.caller(token)) {
            tracing::Span::current().record("caller", caller);
            return Box::pin(self.inner.call(request));
        }
        Box::pin(ready(Ok(status(&Error::Unauthenticated).into_http())))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
