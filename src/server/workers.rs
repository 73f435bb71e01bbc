//! Where classification runs: off the async workers, behind one limit for the whole server.
//!
//! A job that computes for tens of milliseconds on an async worker would stall health checks and
//! deadlines, and tonic's own concurrency limit counts by connection. Slots are given in the order of
//! asking, and a call has at most a few jobs that ask ([`Admission::share`]), so that calls take turns,
//! however many articles a batch or a stream holds; [`super::places`] sees to it that connections do. Knows no article
//! and no label.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::Semaphore;
use tracing::{Instrument, Span};

use super::error::Error;
use super::metrics::{Present, metrics};
use super::places::{Place, Places};
use super::telemetry::TRACE;

/// Jobs of one call that run or wait at once, for each slot: one that runs, one that follows at once.
const SHARE: usize = 2;

/// The slots that jobs run in, and the queue before them.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    running: Arc<Semaphore>,
    calls: Arc<Places>,
    streams: Arc<Places>,
    stopped: Arc<AtomicBool>,
    share: usize,
}

impl Workers {
    /// As many slots as `workers`, room for `waiting` more calls, and for `streams`.
    pub(super) fn new(workers: usize, waiting: usize, streams: usize) -> Self {
        let workers = workers.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            running: Arc::new(Semaphore::new(workers)),
            calls: Arc::new(Places::new(workers, waiting)),
            streams: Arc::new(Places::new(0, streams)),
            stopped: Arc::default(),
            share: workers.saturating_mul(SHARE),
        }
    }

    /// A place for a call that came by `connection`; a full queue is [`Error::Overloaded`].
    pub(super) fn admit(&self, connection: Option<SocketAddr>) -> Result<Admission, Error> {
        self.admission(self.calls.take(connection), None)
    }

    /// A place for a stream. Streams are counted apart: they stay long, and what they hold waits without
    /// being turned away, so one of them must not take the place of many calls.
    pub(super) fn admit_stream(&self, connection: Option<SocketAddr>) -> Result<Admission, Error> {
        let place = self.streams.take(connection);
        let opens = place.is_some().then(|| metrics().stream_opens());
        self.admission(place, opens)
    }

    /// With a place; without one the call is turned away.
    fn admission(&self, place: Option<Place>, stream: Option<Present>) -> Result<Admission, Error> {
        let Some(place) = place else {
            metrics().shed();
            return Err(Error::Overloaded);
        };
        Ok(Admission { workers: self.clone(), held: Arc::new(Held { _place: place, _stream: stream }) })
    }

    /// Tells all jobs to stop and lets none start.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.running.close();
    }
}

/// What a call or a stream holds while it is there.
#[derive(Debug)]
struct Held {
    _place: Place,
    _stream: Option<Present>,
}

/// A call's place among those that may run jobs; given back with the last clone of it and the last job.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    workers: Workers,
    held: Arc<Held>,
}

impl Admission {
    /// Most jobs of this call that should run or wait at once.
    pub(super) fn share(&self) -> usize {
        self.workers.share
    }

    /// Runs a job in the next free slot. The job asks its argument now and then whether it should stop.
    ///
    /// It should when the future of this call is dropped (the caller went away, or its deadline passed)
    /// and when [`Workers::stop`] was called.
    pub(super) async fn run<T, J>(&self, job: J) -> Result<T, Error>
    where
        T: Send + 'static,
        J: FnOnce(&dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
    {
        let workers = &self.workers;
        let waits = metrics().waits();
        let queue = tracing::info_span!(target: TRACE, "stage", otel.name = "queue");
        let running = Arc::clone(&workers.running).acquire_owned().instrument(queue).await;
        let running = running.map_err(|_| Error::ShuttingDown)?;
        drop(waits);
        let caller = Caller::default();
        let (gone, stopped) = (Arc::clone(&caller.gone), Arc::clone(&workers.stopped));
        let held = Arc::clone(&self.held);
        let span = Span::current();
        let task = tokio::task::spawn_blocking(move || {
            let _works = metrics().works();
            let done = span.in_scope(|| job(&|| gone.load(Relaxed) || stopped.load(Relaxed)));
            drop((held, running)); // held until the job has really ended, not until its caller left
            done
        });
        match task.await {
            Ok(Err(Error::Cancelled)) if workers.stopped.load(Relaxed) => Err(Error::ShuttingDown),
            Ok(done) => done,
            Err(ended) if ended.is_panic() => Err(Error::panicked(&*ended.into_panic())),
            Err(_) => Err(Error::ShuttingDown),
        }
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

    impl Workers {
        /// One job of a call of its own.
        async fn run<T: Send + 'static>(
            &self,
            job: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
        ) -> Result<T, Error> {
            self.admit(None)?.run(job).await
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_stays_in_its_call() {
        let workers = Workers::new(1, 0, 1);
        let panicked = workers.run(|_| -> Result<(), Error> { panic!("on purpose") }).await;
        assert_eq!(panicked, Err(Error::Panicked("on purpose".to_owned())));
        assert_eq!(workers.run(|_| Ok(7)).await, Ok(7), "the slot was not given back");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_beyond_the_queue_is_turned_away() {
        let workers = Workers::new(1, 0, 1);
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
        let workers = Workers::new(1, 1, 1);
        let (started, running) = mpsc::channel();
        let call = tokio::time::timeout(Duration::from_millis(50), workers.run(endless(started)));
        assert!(call.await.is_err(), "an endless job ended by itself");
        running.recv().unwrap();
        let next = tokio::time::timeout(Duration::from_secs(5), workers.run(|_| Ok(7))).await;
        assert_eq!(next, Ok(Ok(7)), "the job kept its slot though nobody waited");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stream_takes_no_place_of_a_call() {
        let workers = Workers::new(1, 0, 1);
        let stream = workers.admit_stream(None).expect("a place for one stream");
        assert_eq!(workers.admit_stream(None).map(drop), Err(Error::Overloaded), "a second stream");
        assert_eq!(workers.run(|_| Ok(7)).await, Ok(7), "a call beside a stream");
        assert_eq!(stream.run(|_| Ok(8)).await, Ok(8));
        drop(stream);
        assert!(workers.admit_stream(None).is_ok(), "the place was not given back");
    }
}
