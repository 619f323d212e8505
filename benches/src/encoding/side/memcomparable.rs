use memcomparable::{Error, Serializer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Decodes, Encodes};

/// The crate reads no borrowed text.
pub(crate) struct Memcomparable;

impl<T: Serialize> Encodes<T> for Memcomparable {
    #[inline(never)]
    fn encode(value: &T, out: &mut Vec<u8>) {
        value.serialize(&mut Serializer::new(out)).expect("the shapes are supported");
    }
}

impl<T: DeserializeOwned> Decodes<T> for Memcomparable {
    type Error = Error;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<T, Error> {
        memcomparable::from_slice(bytes)
    }
}
