use storekey::{Decode, DecodeError, Encode};

use super::{Decodes, DecodesBorrowed, Encodes};
use crate::encoding::shape::MessageCow;

pub(crate) struct Storekey;

impl<T: Encode> Encodes<T> for Storekey {
    #[inline(never)]
    fn encode(value: &T, out: &mut Vec<u8>) {
        storekey::encode(out, value).expect("a vector takes all");
    }
}

impl<T: Decode> Decodes<T> for Storekey {
    type Error = DecodeError;

    #[inline(never)]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        storekey::decode(bytes)
    }
}

impl DecodesBorrowed for Storekey {
    type Message<'a> = MessageCow<'a>;
    type Error = DecodeError;

    #[inline(never)]
    fn decode_borrowed(bytes: &[u8]) -> Result<MessageCow<'_>, DecodeError> {
        storekey::decode_borrow(bytes)
    }
}
