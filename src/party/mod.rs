//! Parties: the tables of countries, blocs and officials, and the linker from a text to the
//! mentions of them. Knows no stance.

mod anaphora;
mod error;
mod forms;
mod linker;
mod mention;
mod phrase;
mod registry;
mod tables;

pub use error::PartyError;
pub use linker::{Linker, Mentions};
pub use mention::{Form, Mention, PartyId, Role};
pub use registry::{Party, Registry};
