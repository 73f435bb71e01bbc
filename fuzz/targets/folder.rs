//! A folder of a process's own, whose files are written anew for each input.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// The folder of this target.
pub(super) fn folder(target: &str) -> PathBuf {
    let folder = FOLDER.path().join(target);
    if !folder.exists() {
        std::fs::create_dir(&folder).expect("a folder");
    }
    folder
}

/// Writes a file of it.
pub(super) fn write(folder: &Path, name: &str, content: &[u8]) {
    std::fs::write(folder.join(name), content).expect("a file");
}
