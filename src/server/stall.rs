//! An end for streams whose reader has gone without saying so.
//!
//! HTTP/2 does not ask for answers that the other side has no room for, so nobody would ever notice: the
//! stream would keep its place and its answers for good. Some clients leave like that, when the program
//! drops the answers and goes on sending. Knows no message.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tracing::Instrument;

use super::error::Error;
use super::status::status;

/// How long an answer may wait to be taken; long, for a reader may have reasons to pause.
pub(super) const LONGEST: Duration = Duration::from_mins(5);

/// Since when an answer waits to be taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Option<Instant>>>);

impl Waiting {
    /// An answer is there.
    pub(super) fn begin(&self) {
        self.since().get_or_insert_with(Instant::now);
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when an answer has waited too long.
    async fn over(self, longest: Duration) {
        loop {
            let waited = self.since().map_or(Duration::ZERO, |since| since.elapsed());
            if waited >= longest {
                return;
            }
            sleep(longest.saturating_sub(waited)).await;
        }
    }
}

/// Answers, or nothing once they were dropped.
type Answers<T> = Mutex<Option<BoxStream<'static, Result<T, Status>>>>;

/// Answers that are dropped, with all that makes them, once they have waited too long.
pub(super) struct Unstalled<T> {
    answers: Arc<Answers<T>>,
    waiting: Waiting,
    told: bool,
    _watch: AbortOnDropHandle<()>,
}

impl<T: 'static> Unstalled<T> {
    /// Watches over `answers`, whose maker tells `waiting` when there is one.
    pub(super) fn new(answers: BoxStream<'static, Result<T, Status>>, waiting: Waiting, longest: Duration) -> Self {
        let answers = Arc::new(Mutex::new(Some(answers)));
        let (watched, waits): (Weak<Answers<T>>, _) = (Arc::downgrade(&answers), waiting.clone());
        let watching = async move {
            waits.over(longest).await;
            if let Some(answers) = watched.upgrade() {
                tracing::warn!("no answer of a stream was taken for {longest:?}; it is ended");
                answers.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        };
        let watch = tokio::spawn(watching.in_current_span());
        Self { answers, waiting, told: false, _watch: AbortOnDropHandle::new(watch) }
    }
}

impl<T> Stream for Unstalled<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.waiting.since().take();
        if let Some(answers) = this.answers.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            return answers.poll_next_unpin(context);
        }
        let told = std::mem::replace(&mut this.told, true);
        Poll::Ready((!told).then(|| Err(status(&Error::Stalled))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use tokio::time::timeout;

    const SHORT: Duration = Duration::from_millis(20);

    /// A stream, what it holds while it is there, and where its answers are told.
    fn endless() -> (Unstalled<()>, Arc<()>, Waiting) {
        let (held, waiting) = (Arc::new(()), Waiting::default());
        let holder = Arc::clone(&held);
        let answers = stream::repeat_with(move || {
            let _ = &holder;
            Ok(())
        });
        (Unstalled::new(answers.boxed(), waiting.clone(), SHORT), held, waiting)
    }

    #[tokio::test]
    async fn answers_that_nobody_takes_are_dropped() {
        let (mut answers, held, waiting) = endless();
        waiting.begin();
        let dropped = async {
            while Arc::strong_count(&held) > 1 {
                sleep(SHORT).await;
            }
        };
        timeout(Duration::from_secs(30), dropped).await.expect("an answer waits for good");
        let end = answers.next().await.expect("a last word").expect_err("an error");
        assert_eq!(end.code(), tonic::Code::Aborted);
        assert!(answers.next().await.is_none(), "something after the last word");
    }

    #[tokio::test]
    async fn answers_that_are_taken_or_not_there_yet_are_kept() {
        let (mut answers, held, waiting) = endless();
        sleep(SHORT * 10).await;
        waiting.begin();
        assert!(matches!(answers.next().await, Some(Ok(()))));
        sleep(SHORT * 10).await;
        assert_eq!(Arc::strong_count(&held), 2, "dropped though nothing waits");
    }
}
