//! Many calls over one `StreamClassify`: each waits for the answer with its own id.
//!
//! A message is sent only when the server takes it, so what waits here is what the callers hold. When the
//! stream ends, whoever waits is told why, and the next call opens another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::proto::stream_classify_response::Result as Answer;
use crate::proto::{ClassifyRequest, ClassifyResponse, StreamClassifyRequest, StreamClassifyResponse};

use super::client::{CALL, Stances};
use super::error::Error;
use super::failure::Failure;

/// What a call gets.
type Answered = Result<ClassifyResponse, Failure>;

/// A stream to a server, shared by callers that each wait for one answer at a time.
#[derive(Debug)]
pub struct ClientStream {
    stances: Stances,
    open: tokio::sync::Mutex<Option<Open>>,
}

impl ClientStream {
    /// Opened with the first call.
    pub(super) fn new(stances: Stances) -> Self {
        Self { stances, open: tokio::sync::Mutex::default() }
    }

    /// Asks the server.
    ///
    /// # Errors
    /// What the server answered, or why it did not: the stream ended, or no answer came within a minute.
    pub async fn classify(&self, request: ClassifyRequest) -> Answered {
        let answered = timeout(CALL, async {
            let open = self.open().await?;
            let (id, answer) = open.waiting.enter()?;
            // If nobody takes it the stream has ended, and the answer tells why.
            let _ = open.messages.send(StreamClassifyRequest { id, request: Some(request) }).await;
            answer.await.unwrap_or_else(|_| Err(ended()))
        });
        answered.await.unwrap_or_else(|_| Err(Failure::from(&Error::DeadlineExceeded)))
    }

    async fn open(&self) -> Result<Open, Failure> {
        let mut open = self.open.lock().await;
        if let Some(open) = open.as_ref().filter(|open| open.waiting.is_open()) {
            return Ok(open.clone());
        }
        let (messages, taken) = mpsc::channel(1);
        let answers = self.stances.clone().stream_classify(ReceiverStream::new(taken)).await;
        let answers = answers.map_err(|status| Failure::from(&status))?.into_inner();
        let new = Open { messages, waiting: Waiting::default() };
        tokio::spawn(receive(answers, new.waiting.clone()));
        Ok(open.insert(new).clone())
    }
}

/// A stream that was opened.
#[derive(Debug, Clone)]
struct Open {
    messages: mpsc::Sender<StreamClassifyRequest>,
    waiting: Waiting,
}

/// The calls of a stream that wait for their answers, by id.
#[derive(Debug, Clone, Default)]
struct Waiting(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    last: u64,
    waiting: HashMap<String, oneshot::Sender<Answered>>,
    ended: Option<Failure>,
}

impl Waiting {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        self.calls().ended.is_none()
    }

    /// An id of its own for a call, and where its answer comes.
    fn enter(&self) -> Result<(String, oneshot::Receiver<Answered>), Failure> {
        let mut calls = self.calls();
        if let Some(ended) = &calls.ended {
            return Err(ended.clone());
        }
        calls.last += 1;
        let id = calls.last.to_string();
        let (answer, answered) = oneshot::channel();
        calls.waiting.insert(id.clone(), answer);
        Ok((id, answered))
    }

    /// Hands an answer over. Nobody waits for one whose call has timed out.
    fn answer(&self, id: &str, answered: Answered) {
        if let Some(call) = self.calls().waiting.remove(id) {
            let _ = call.send(answered);
        }
    }

    fn end(&self, failure: &Failure) {
        let mut calls = self.calls();
        calls.ended = Some(failure.clone());
        for (_, call) in calls.waiting.drain() {
            let _ = call.send(Err(failure.clone()));
        }
    }
}

async fn receive(mut answers: Streaming<StreamClassifyResponse>, waiting: Waiting) {
    let end = loop {
        match answers.message().await {
            Ok(Some(StreamClassifyResponse { id, result })) => waiting.answer(
                &id,
                match result {
                    Some(Answer::Response(response)) => Ok(response),
                    Some(Answer::Error(error)) => Err(Failure::from(error)),
                    None => Err(Failure::from(&Status::internal("the server sent an answer without content"))),
                },
            ),
            Ok(None) => break ended(),
            Err(status) => break Failure::from(&status),
        }
    };
    waiting.end(&end);
}

fn ended() -> Failure {
    Failure::from(&Status::unavailable("the server ended the stream before it answered"))
}
