//! How a command ends: its exit code and what it says about it.

use std::fmt::Display;
use std::io;

use anyhow::anyhow;

/// What a command gives back.
pub(crate) type Outcome = Result<(), Exit>;

/// Why a command failed. Every other error is [`Exit::FAILED`].
#[derive(Debug)]
pub(crate) struct Exit {
    /// The exit code of the process.
    pub(crate) code: u8,
    /// What goes to standard error.
    pub(crate) error: anyhow::Error,
}

impl Exit {
    /// Some lines, or the one call, failed.
    const FAILED: u8 = 1;
    /// Wrong usage that clap cannot see.
    const USAGE: u8 = 2;
    /// The model or the parties cannot be used (`EX_USAGE` of sysexits, as other servers have it).
    const CONFIGURATION: u8 = 64;
    /// An input file cannot be opened or read (`EX_NOINPUT`).
    const NO_INPUT: u8 = 66;

    /// Whether the reader of the output went away.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let io = self.error.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(crate) fn usage(message: impl Display) -> Self {
        Self { code: Self::USAGE, error: anyhow!("{message}") }
    }

    pub(crate) fn configuration(message: impl Display) -> Self {
        Self { code: Self::CONFIGURATION, error: anyhow!("{message}") }
    }

    pub(crate) fn no_input(name: impl Display, error: &io::Error) -> Self {
        Self { code: Self::NO_INPUT, error: anyhow!("{name}: {error}") }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Exit {
    fn from(error: E) -> Self {
        Self { code: Self::FAILED, error: error.into() }
    }
}
