use persist_core::codec::Sink;
use persist_core::{DecodeError, KeyDecode, KeyEncode};

use super::{Decodes, DecodesBorrowed, Encodes};
use crate::encoding::shape::MessageRef;

pub(crate) struct Persist;

impl<T: KeyEncode> Encodes<T> for Persist {
    #[inline(never)]
    fn encode(value: &T, out: &mut Vec<u8>) {
        value.encode_key(&mut Sink::new(out));
    }
}

impl<T: for<'de> KeyDecode<'de>> Decodes<T> for Persist {
    type Error = DecodeError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        T::from_key_bytes(bytes)
    }
}

impl DecodesBorrowed for Persist {
    type Message<'a> = MessageRef<'a>;
    type Error = DecodeError;

    #[inline(never)]
    fn decode_borrowed(bytes: &[u8]) -> Result<MessageRef<'_>, DecodeError> {
        MessageRef::from_key_bytes(bytes)
    }
}
