//! What is read from files again while the server runs: certificates and tokens.
//!
//! The files' content is compared, not their times: Kubernetes exchanges a whole folder by a link. A new content
//! that cannot be used is logged once and the old one stays. Knows nothing of what the files mean.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::{Stream, StreamExt};

use super::metrics::metrics;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(10);
/// Most bytes of a file; certificates and tokens are far below.
const MAX_FILE: u64 = 1 << 20;

/// Why files cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, and what is allowed.
    pub reason: String,
}

impl FileError {
    pub(super) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }
}

type Make<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, FileError> + Send + Sync>;

/// A value made of files.
pub struct Reloadable<T> {
    what: &'static str,
    files: Vec<PathBuf>,
    make: Make<T>,
    current: RwLock<Arc<T>>,
    /// The content that was last looked at, good or bad.
    seen: Mutex<Vec<Vec<u8>>>,
}

impl<T> fmt::Debug for Reloadable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloadable").field("what", &self.what).field("files", &self.files).finish_non_exhaustive()
    }
}

impl<T> Reloadable<T> {
    /// Reads the files, in this order, and makes the first value; `what` names it in logs and metrics.
    pub(super) fn open(
        what: &'static str,
        files: Vec<PathBuf>,
        make: impl Fn(&[Vec<u8>]) -> Result<T, FileError> + Send + Sync + 'static,
    ) -> Result<Self, FileError> {
        let contents = read(&files)?;
        let current = RwLock::new(Arc::new(make(&contents)?));
        Ok(Self { what, files, make: Box::new(make), current, seen: Mutex::new(contents) })
    }

    /// The value as it is now.
    pub(super) fn current(&self) -> Arc<T> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn renew(&self) -> Result<bool, FileError> {
        let contents = read(&self.files)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == contents {
            return Ok(false);
        }
        let made = (self.make)(&contents);
        *seen = contents;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made?);
        Ok(true)
    }
}

/// Something that can be brought up to date.
pub trait Refresh: Send + Sync {
    /// Reads its files; if they changed and are good, what they say holds from now on.
    fn refresh(&self);
}

impl<T: Send + Sync> Refresh for Reloadable<T> {
    fn refresh(&self) {
        match self.renew() {
            Ok(true) => tracing::info!("{} were read again and hold from now on", self.what),
            Ok(false) => {}
            Err(error) => {
                metrics().reload_failed(self.what);
                tracing::error!(%error, "{} cannot be read again; the old ones stay", self.what);
            }
        }
    }
}

/// Refreshes all, time and again, and at once when `signals` says so. Never ends.
pub async fn keep_fresh(all: Vec<Arc<dyn Refresh>>, signals: impl Stream<Item = ()>) {
    let mut signals = std::pin::pin!(signals);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Some(()) = signals.next() => tracing::info!("told to read certificates and tokens again"),
        }
        let all = all.clone();
        // Reading files blocks.
        let refreshed = tokio::task::spawn_blocking(move || all.iter().for_each(|one| one.refresh())).await;
        if let Err(error) = refreshed {
            tracing::error!(%error, "reading certificates and tokens again failed; this is a bug");
        }
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, FileError> {
    files.iter().map(|path| read_file(path).map_err(|error| FileError::new(path, error))).collect()
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > MAX_FILE {
        return Err(io::Error::other(format!("has {size} bytes, at most {MAX_FILE} are allowed")));
    }
    std::fs::read(path)
}
