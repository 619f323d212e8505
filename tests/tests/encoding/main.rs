//! The encoding of keys and payloads: bytes, laws, derives, errors, descriptors and changes of stored types.
//!
//! These tests open no file and start no thread of the engine, so Miri can run them. The tests of one file run with
//! `cargo test -p persist-tests --test encoding -- keys::`.

mod attributes;
mod decoding_errors;
mod deep_nesting;
mod derive;
mod derived_laws;
mod descriptors;
mod elements_without_bytes;
mod encoding_doc;
mod encoding_laws;
mod evolution;
mod interpreter;
mod key_fields;
mod keys;
mod open_ends;
mod serde;
mod shapes_of_types;
mod sort_order;
mod sorted_vectors;
mod vectors;
