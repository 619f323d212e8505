//! The bodies of the fuzz targets in `fuzz/`. The ordinary tests run them over the corpus.
//!
//! Each takes any bytes and panics if a promise is broken.

mod codecs;
mod corpus;
mod parse_descriptor;
mod store_model;

pub use codecs::{DECODERS, Decoders, Decodes, TYPES, decode_key, decode_payload};
pub use corpus::corpus;
pub use parse_descriptor::parse_descriptor;
pub use store_model::{store_model, store_model_over};
