//! A value made of a few small files. Their content is compared, not their times: Kubernetes exchanges a whole
//! folder by a link.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Mark, Reload, Reloads};

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
    pub(crate) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }
}

type Make<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, FileError> + Send + Sync>;

/// A value made of files.
pub struct FromFiles<T> {
    what: Reloads,
    files: Vec<PathBuf>,
    make: Make<T>,
    /// The value, and the mark of the files that it was made of.
    current: RwLock<(Arc<T>, Mark)>,
}

impl<T> fmt::Debug for FromFiles<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFiles").field("what", &self.what).field("files", &self.files).finish_non_exhaustive()
    }
}

impl<T> FromFiles<T> {
    /// Reads the files, in this order, and makes the first value.
    pub(crate) fn open(
        what: Reloads,
        files: Vec<PathBuf>,
        make: impl Fn(&[Vec<u8>]) -> Result<T, FileError> + Send + Sync + 'static,
    ) -> Result<Self, FileError> {
        let make: Make<T> = Box::new(make);
        let current = RwLock::new(made(&files, &make)?);
        Ok(Self { what, files, make, current })
    }

    /// The value as it is now.
    pub(crate) fn current(&self) -> Arc<T> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl<T: Send + Sync> Reload for FromFiles<T> {
    fn what(&self) -> Reloads {
        self.what
    }

    fn loaded(&self) -> Mark {
        self.current.read().unwrap_or_else(PoisonError::into_inner).1
    }

    fn mark(&self) -> Mark {
        mark(&self.files.iter().map(|path| read(path)).collect::<Vec<_>>())
    }

    fn reload(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let made = made(&self.files, &self.make)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(())
    }
}

fn made<T>(files: &[PathBuf], make: &Make<T>) -> Result<(Arc<T>, Mark), FileError> {
    let contents: Vec<_> = files.iter().map(|path| read(path)).collect();
    let mark = mark(&contents);
    let good = files.iter().zip(contents).map(|(path, content)| content.map_err(|error| FileError::new(path, error)));
    let good: Vec<_> = good.collect::<Result<_, _>>()?;
    Ok((Arc::new(make(&good)?), mark))
}

/// What cannot be read has a mark too: that it cannot.
fn mark(contents: &[io::Result<Vec<u8>>]) -> Mark {
    let states: Vec<Result<&[u8], ErrorKind>> =
        contents.iter().map(|content| content.as_deref().map_err(io::Error::kind)).collect();
    Mark::of(&states)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > MAX_FILE {
        return Err(io::Error::other(format!("has {size} bytes, at most {MAX_FILE} are allowed")));
    }
    std::fs::read(path)
}
