//! Loads again when asked, and when the files say so.
//!
//! In a thread of its own: what it reads for a moment would otherwise be asked from the allocator by one
//! thread after the other, and each would keep some of it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::Models;
use super::source::Mark;

/// How often the files are looked at. A second later than one would like is soon enough, and asking the
/// file system is the same everywhere, which its notices are not.
const LOOK: Duration = Duration::from_secs(1);

/// Loads again whenever `asked` says so, and when the link `current` or a party table has changed and
/// then stood still between two looks. Ends when nobody else holds the models.
///
/// What is refused is told in the log, once a change, and what was loaded goes on answering.
///
/// # Errors
/// If the thread cannot be started.
pub fn follow(models: &Arc<Models>, asked: Receiver<()>) -> io::Result<()> {
    let mut follower = Follower { taken: models.loaded().mark().clone(), last: None, asked };
    let models = Arc::downgrade(models);
    thread::Builder::new().name("models".to_owned()).spawn(move || while follower.step(&models) {})?;
    Ok(())
}

/// What has been seen of the files.
struct Follower {
    /// The mark of what was loaded, or refused.
    taken: Mark,
    /// The mark at the last look.
    last: Option<Mark>,
    asked: Receiver<()>,
}

impl Follower {
    /// Waits, looks and loads; whether to go on.
    fn step(&mut self, models: &Weak<Models>) -> bool {
        let told = match self.asked.recv_timeout(LOOK) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(LOOK);
                false
            }
        };
        let Some(models) = models.upgrade() else { return false };
        let mark = models.source.mark();
        let settled = self.last.as_ref() == Some(&mark);
        if told || (self.taken != mark && settled) {
            self.taken = mark.clone();
            reload(&models);
        }
        self.last = Some(mark);
        true
    }
}

fn reload(models: &Models) {
    match catch_unwind(AssertUnwindSafe(|| models.reload())) {
        Ok(Ok(())) => {
            let current = models.current();
            let manifest = current.model().manifest();
            let loaded = models.loaded().all().count();
            tracing::info!(name = %manifest.name, version = %manifest.version, loaded, "loaded again");
        }
        Ok(Err(error)) => tracing::error!(%error, "loading again is refused; what was loaded goes on answering"),
        Err(_) => tracing::error!("loading again panicked, which is a bug; what was loaded goes on answering"),
    }
}
