//! Where classification runs: off the async workers, behind one limit for the whole server.
//!
//! A job that computes for tens of milliseconds on an async worker would stall health checks and
//! deadlines, and tonic's own concurrency limit counts by connection. Knows no article and no label.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::Semaphore;
use tracing::{Instrument, Span};

use super::error::Error;
use super::metrics::metrics;
use super::telemetry::TRACE;

/// The slots that jobs run in, and the queue before them.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    stopped: Arc<AtomicBool>,
}

impl Workers {
    /// As many slots as `workers`, and room for `waiting` more calls.
    pub(super) fn new(workers: usize, waiting: usize) -> Self {
        let workers = workers.clamp(1, Semaphore::MAX_PERMITS / 2);
        let admitted = workers + waiting.min(Semaphore::MAX_PERMITS / 2);
        Self {
            running: Arc::new(Semaphore::new(workers)),
            admitted: Arc::new(Semaphore::new(admitted)),
            stopped: Arc::default(),
        }
    }

    /// Runs a job, which asks its argument now and then whether it should stop.
    ///
    /// It should when the future of this call is dropped (the caller went away, or its deadline passed)
    /// and when [`Workers::stop`] was called.
    pub(super) async fn run<T, J>(&self, job: J) -> Result<T, Error>
    where
        T: Send + 'static,
        J: FnOnce(&dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
    {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.inspect_err(|_| metrics().shed()).map_err(|_| Error::Overloaded)?;
        let waits = metrics().waits();
        let queue = tracing::info_span!(target: TRACE, "stage", otel.name = "queue");
        let running = Arc::clone(&self.running).acquire_owned().instrument(queue).await;
        let running = running.map_err(|_| Error::ShuttingDown)?;
        drop(waits);
        let caller = Caller::default();
        let (gone, stopped) = (Arc::clone(&caller.gone), Arc::clone(&self.stopped));
        let span = Span::current();
        let task = tokio::task::spawn_blocking(move || {
            let _works = metrics().works();
            let done = span.in_scope(|| job(&|| gone.load(Relaxed) || stopped.load(Relaxed)));
            drop((admitted, running)); // held until the job has really ended, not until its caller left
            done
        });
        match task.await {
            Ok(Err(Error::Cancelled)) if self.stopped.load(Relaxed) => Err(Error::ShuttingDown),
            Ok(done) => done,
            Err(ended) if ended.is_panic() => Err(Error::panicked(&*ended.into_panic())),
            Err(_) => Err(Error::ShuttingDown),
        }
    }

    /// Tells all jobs to stop and lets none start.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.running.close();
    }
}

/// Says, when dropped, that nobody waits for the answer.
#[derive(Default)]
struct Caller {
    gone: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.gone.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    /// A job that runs until it is told to stop, and says when it started.
    fn endless(started: mpsc::Sender<()>) -> impl FnOnce(&dyn Fn() -> bool) -> Result<(), Error> + Send + 'static {
        move |cancelled| {
            let _ = started.send(());
            while !cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(Error::Cancelled)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_stays_in_its_call() {
        let workers = Workers::new(1, 0);
        let panicked = workers.run(|_| -> Result<(), Error> { panic!("on purpose") }).await;
        assert_eq!(panicked, Err(Error::Panicked("on purpose".to_owned())));
        assert_eq!(workers.run(|_| Ok(7)).await, Ok(7), "the slot was not given back");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_beyond_the_queue_is_turned_away() {
        let workers = Workers::new(1, 0);
        let (started, running) = mpsc::channel();
        let first = tokio::spawn({
            let workers = workers.clone();
            async move { workers.run(endless(started)).await }
        });
        tokio::task::spawn_blocking(move || running.recv()).await.unwrap().unwrap();
        assert_eq!(workers.run(|_| Ok(())).await, Err(Error::Overloaded));
        workers.stop();
        assert_eq!(first.await.unwrap(), Err(Error::ShuttingDown));
        assert_eq!(workers.run(|_| Ok(())).await, Err(Error::ShuttingDown));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_job_stops_when_its_caller_leaves() {
        let workers = Workers::new(1, 1);
        let (started, running) = mpsc::channel();
        let call = tokio::time::timeout(Duration::from_millis(50), workers.run(endless(started)));
        assert!(call.await.is_err(), "an endless job ended by itself");
        running.recv().unwrap();
        let next = tokio::time::timeout(Duration::from_secs(5), workers.run(|_| Ok(7))).await;
        assert_eq!(next, Ok(Ok(7)), "the job kept its slot though nobody waited");
    }
}
