//! A folder of files that appears whole or not at all, also where one stood before. Knows no model.
//!
//! It is written beside its place and then takes it in one step, so that a process killed at any moment
//! leaves what was there or what was to be there, and no mixture. What it leaves beside starts with a dot.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `files` as `folder`, whose parents are created. Other files of the folder are kept.
///
/// A folder that holds folders is refused: it is more than was written here, and is not put aside.
pub(super) fn write_whole(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), (PathBuf, io::Error)> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().ok_or_else(|| failed(&folder)(io::ErrorKind::InvalidInput.into()))?;
    // The process's number: two that write the same folder must not write into each other's.
    let beside = |what: &str| folder.with_file_name(format!(".{}.{what}-{}", name.display(), std::process::id()));
    let (partial, replaced) = (beside("partial"), beside("replaced"));
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(failed(parent))?;
    }
    let written = fill(&partial, &folder, files).map_err(failed(&partial));
    let placed = written.and_then(|()| take_place(&partial, &folder, &replaced).map_err(failed(&folder)));
    // What is left there is what was replaced, or what could not be finished.
    remove(&partial).and_then(|()| remove(&replaced)).map_err(failed(&partial)).and(placed)
}

/// Everything that the folder will hold.
fn fill(partial: &Path, folder: &Path, files: &[(&str, &[u8])]) -> io::Result<()> {
    remove(partial)?;
    fs::create_dir(partial)?;
    for (name, content) in files {
        let mut file = File::create(partial.join(name))?;
        file.write_all(content)?;
        file.sync_all()?;
    }
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let (entry, metadata) = entry.and_then(|entry| entry.metadata().map(|metadata| (entry, metadata)))?;
        if !metadata.is_file() {
            let name = entry.file_name();
            let reason = format!("holds {}, which is no file; give a folder of its own", name.display());
            return Err(io::Error::other(reason));
        }
        let kept = partial.join(entry.file_name());
        if !kept.exists() {
            fs::copy(entry.path(), kept)?;
        }
    }
    Ok(())
}

fn take_place(partial: &Path, folder: &Path, replaced: &Path) -> io::Result<()> {
    if !folder.exists() {
        return fs::rename(partial, folder);
    }
    if exchange(partial, folder).is_ok() {
        return Ok(());
    }
    // Not every file system can; killed between the two steps, the old one stands beside.
    fs::rename(folder, replaced)?;
    fs::rename(partial, folder)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let name = |path: &Path| path.file_name().expect("a name").display().to_string();
        let mut files: Vec<_> =
            entries.map(|path| (name(&path), fs::read_to_string(&path).unwrap_or_default())).collect();
        files.sort();
        files
    }

    #[test]
    fn replaces_its_files_and_keeps_the_others() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("deep/model");
        write_whole(&folder, &[("a", b"1"), ("b", b"1")]).expect("a new folder");
        fs::write(folder.join("README"), "kept").expect("a file");
        write_whole(&folder, &[("a", b"2"), ("b", b"2")]).expect("an old folder");
        let file = |name: &str, content: &str| (name.to_owned(), content.to_owned());
        assert_eq!(content(&folder), [file("README", "kept"), file("a", "2"), file("b", "2")]);
        assert_eq!(fs::read_dir(folder.parent().expect("a parent")).expect("a folder").count(), 1, "left-overs");
    }

    #[test]
    fn leaves_a_folder_alone_that_holds_folders() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("models");
        fs::create_dir_all(folder.join("default")).expect("a folder");
        let (_, error) = write_whole(&folder, &[("a", b"1")]).expect_err("it holds a folder");
        assert!(error.to_string().contains("holds default"), "{error}");
        assert_eq!(content(&folder), [("default".to_owned(), String::new())]);
    }
}
