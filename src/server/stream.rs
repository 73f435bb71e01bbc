//! `StreamClassify`: messages in, answers out as they come, for as long as the caller sends.
//!
//! Messages are read only when an answer may be sent and fewer than [`Admission::share`] are at work, so
//! a slow reader halts the sender by HTTP/2 flow control and nothing piles up here. Every message is
//! answered in a task of its own: a slot for which it waits must be used when it comes, whether or not
//! the caller reads just then; otherwise a caller who does not read would block everybody.

use std::sync::{Arc, OnceLock};

use futures_util::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Status, Streaming};
use tracing::Instrument;

use crate::proto::{StreamClassifyRequest, StreamClassifyResponse, stream_classify_response::Result as Answer};

use super::error::{Error, Violation};
use super::metrics::metrics;
use super::models::Models;
use super::request::{MAX_ID, code_points_above};
use super::services::classify;
use super::stall::{LONGEST, Unstalled, Waiting};
use super::status::{item_error, status};
use super::workers::Admission;

/// The answers to a stream of messages. Dropping it stops all its work within a sentence.
pub(super) fn answers(
    messages: Streaming<StreamClassifyRequest>,
    models: Arc<Models>,
    admission: Admission,
    draining: CancellationToken,
) -> impl Stream<Item = Result<StreamClassifyResponse, Status>> + Send {
    let waiting = Waiting::default();
    let done = waiting.clone();
    let end = Arc::new(OnceLock::new());
    let share = admission.share();
    let answers = taken(messages, draining, Arc::clone(&end)).map(move |message| {
        let (answered, done) = (answered(Arc::clone(&models), admission.clone(), message), done.clone());
        let answering = async move {
            let answered = answered.await;
            done.begin();
            answered
        };
        let task = AbortOnDropHandle::new(tokio::spawn(answering.in_current_span()));
        async move { task.await.map_err(|ended| status(&lost(ended))) }
    });
    // The reason of the end comes after the last answer: tonic sends nothing after an error.
    let end = stream::once(async move { end.get().cloned() }).filter_map(async |end| end.map(Err));
    Unstalled::new(answers.buffer_unordered(share).chain(end).boxed(), waiting, LONGEST)
}

/// The messages until there are no more; if for a reason other than the caller's, it goes into `end`.
fn taken(
    messages: Streaming<StreamClassifyRequest>,
    draining: CancellationToken,
    end: Arc<OnceLock<Status>>,
) -> impl Stream<Item = StreamClassifyRequest> + Send {
    stream::unfold((messages, draining, end), |(mut messages, draining, end)| async move {
        let next = tokio::select! {
            biased;
            () = draining.cancelled() => Err(status(&Error::ShuttingDown)),
            next = messages.message() => next,
        };
        match next {
            Ok(next) => next.map(|message| (message, (messages, draining, end))),
            Err(reason) => {
                end.get_or_init(|| reason);
                None
            }
        }
    })
}

async fn answered(models: Arc<Models>, admission: Admission, message: StreamClassifyRequest) -> StreamClassifyResponse {
    let StreamClassifyRequest { id, request } = message;
    let refuse = |field: &str, reason, description: String| {
        Err(Error::Invalid(vec![Violation { field: field.to_owned(), reason, description }]))
    };
    let answered = match (code_points_above(&id, MAX_ID), request) {
        (Some(length), _) => refuse("id", "TOO_LONG", format!("has {length} code points, the limit is {MAX_ID}")),
        (None, None) => refuse("request", "REQUIRED", "is required".to_owned()),
        (None, Some(request)) => classify(&models, &admission, request).await,
    };
    metrics().article(&answered);
    let answer = match answered {
        Ok(response) => Answer::Response(response),
        Err(error) => Answer::Error(item_error(&error)),
    };
    StreamClassifyResponse { id, result: Some(answer) }
}

/// Why a task gave no answer: a bug, or the end of the runtime.
fn lost(ended: tokio::task::JoinError) -> Error {
    if ended.is_panic() { Error::panicked(&*ended.into_panic()) } else { Error::ShuttingDown }
}
