use bytekey2::de::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Decodes, Encodes};

/// `bytekey2`, since `bytekey` builds on no stable compiler. It reads text only at the end of the input, so it can't
/// decode every shape.
pub(crate) struct Bytekey;

impl<T: Serialize> Encodes<T> for Bytekey {
    #[inline(never)]
    fn encode(value: &T, out: &mut Vec<u8>) {
        bytekey2::serialize_into(out, value).expect("a vector takes all");
    }
}

impl<T: DeserializeOwned> Decodes<T> for Bytekey {
    type Error = Error;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<T, Error> {
        bytekey2::deserialize(bytes)
    }
}
