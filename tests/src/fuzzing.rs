//! The bodies of the fuzz targets in `fuzz/`, which the ordinary tests replay over its corpus.
//!
//! Each takes any bytes and panics where a promise is broken.

mod codecs;
mod store_model;

pub use codecs::{DECODERS, Decoders, TYPES, decode_key, decode_payload};
pub use store_model::{store_model, store_model_over};
