//! What is read from files again while the server runs: models with the parties, certificates, tokens.
//!
//! One thread looks at all of it. What has changed and then stood still between two looks is loaded again, and
//! everything is when somebody asks for it (SIGHUP). What is refused is told in the log and counted, once a change,
//! and what was loaded before stays. Knows nothing of what the files mean.
//!
//! It is a thread of its own, not the runtime's: reading blocks, and what it takes for a moment would otherwise be
//! asked from the allocator by one thread after the other, each of which would keep some of it.

mod files;

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::metrics::{Reloaded, metrics};

pub use files::{FileError, FromFiles};

/// How often the files are looked at. A second later than one would like is soon enough, and asking the
/// file system is the same everywhere, which its notices are not.
const LOOK: Duration = Duration::from_secs(1);

/// What can be read from its files again, while what was read before is in use.
pub trait Reload: Send + Sync {
    /// What it is, in logs and metrics.
    fn what(&self) -> Reloads;

    /// The mark of the files when they were last read with success.
    fn loaded(&self) -> Mark;

    /// The mark of the files as they are now.
    fn mark(&self) -> Mark;

    /// Reads the files and puts what they say in the place of what was there, all at once.
    ///
    /// # Errors
    /// The file and what is wrong with it; then what was there stays.
    fn reload(&self) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// What is reloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloads {
    /// Models and party tables: one cannot be used without the other.
    Models,
    /// Certificates and keys.
    Certificates,
    /// Callers' tokens.
    Tokens,
}

impl Reloads {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Models, Self::Certificates, Self::Tokens];

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::Certificates => "certificates",
            Self::Tokens => "tokens",
        }
    }
}

/// What a change of files is seen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u64);

impl Mark {
    /// The mark of whatever tells one state of the files from another.
    pub(super) fn of(state: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        state.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Keeps all of them up to date, and reloads all whenever `asked` says so. Ends when nobody can ask any more.
///
/// # Errors
/// If the thread cannot be started.
pub fn follow(all: Vec<Arc<dyn Reload>>, asked: Receiver<()>) -> io::Result<()> {
    let mut followed: Vec<_> = all.into_iter().map(Followed::new).collect();
    let run = move || {
        loop {
            let told = match asked.recv_timeout(LOOK) {
                Ok(()) => true,
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if told {
                tracing::info!("told to reload");
            }
            for one in &mut followed {
                one.look(told);
            }
        }
    };
    thread::Builder::new().name("reload".to_owned()).spawn(run)?;
    Ok(())
}

/// One of them, and what has been seen of its files.
struct Followed {
    one: Arc<dyn Reload>,
    /// The mark of what was loaded, or refused.
    taken: Mark,
    /// The mark at the last look.
    last: Option<Mark>,
}

impl Followed {
    fn new(one: Arc<dyn Reload>) -> Self {
        let taken = one.loaded();
        Self { one, taken, last: None }
    }

    fn look(&mut self, told: bool) {
        // Before the reading: what changes meanwhile is then seen as a change.
        let mark = self.one.mark();
        let settled = self.last == Some(mark);
        if told || (mark != self.taken && settled) {
            self.taken = mark;
            reload(&*self.one);
        }
        self.last = Some(mark);
    }
}

fn reload(one: &dyn Reload) {
    let what = one.what();
    let error = match catch_unwind(AssertUnwindSafe(|| one.reload())) {
        Ok(Ok(())) => {
            metrics().reloaded(what, Reloaded::Taken);
            tracing::info!("{} were reloaded and hold from now on", what.name());
            return;
        }
        Ok(Err(error)) => error,
        Err(_) => "reloading panicked, which is a bug".into(),
    };
    metrics().reloaded(what, Reloaded::Refused);
    tracing::error!(%error, "{} cannot be reloaded; the old ones stay", what.name());
}
