//! demarche reads news articles and tells which country stands where: aligned, neutral or opposed,
//! toward whom or what, with the evidence.
//!
//! The way of an article is one road: [`text`] finds sentences, tokens and quotations; [`party`]
//! the mentions of countries, blocs and officials; [`syntax`] the tree of a sentence; [`relation`] the
//! pairs of a holder and a target that it may tie together; [`features`] turns a pair into a sparse vector in which no
//! country is visible; [`model`] labels it; [`classify`] gathers the rows. [`server`] puts that on
//! the wire. Training ([`corpus`], [`model`]) walks the same road up to the vectors.
//!
//! What a stance is, the words of [`stance`] say.

pub mod classify;
pub mod corpus;
pub mod evaluate;
pub mod features;
pub mod lexicon;
pub mod model;
mod packed;
pub mod party;
pub mod relation;
pub mod server;
pub mod stance;
pub mod syntax;
pub mod text;

/// The generated contract, `proto/demarche/v1`, with its proto3 JSON form.
pub mod proto {
    #![allow(missing_docs, clippy::pedantic, clippy::all)]
    tonic::include_proto!("demarche.v1");
    include!(concat!(env!("OUT_DIR"), "/demarche.v1.serde.rs"));
    /// The encoded descriptor set, for reflection.
    pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demarche_descriptor.bin"));
}
