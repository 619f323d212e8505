//! User-defined types.

use persist_core::{KeyDecode, KeyEncode};
use serde::{Deserialize, Serialize};

use super::adversarial::{Adversarial, Random};

#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize,
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
pub(crate) enum Mood {
    Calm,
    Happy,
    Angry,
}

#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize,
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
pub(crate) enum Event {
    Started,
    Said { text: String, at: i64 },
    Moved(u64, u64),
    Ended,
}

#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize,
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug,
)]
pub(crate) struct Entry {
    pub(crate) channel: String,
    pub(crate) mood: Mood,
    pub(crate) reply_to: Option<u64>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: i64,
}

impl Adversarial for Mood {
    fn draw(random: &mut Random) -> Self {
        [Self::Calm, Self::Happy, Self::Angry][random.below(3)]
    }
}

impl Adversarial for Event {
    fn draw(random: &mut Random) -> Self {
        match random.below(4) {
            0 => Self::Started,
            1 => Self::Said { text: String::draw(random), at: i64::draw(random) },
            2 => Self::Moved(u64::draw(random), u64::draw(random)),
            _ => Self::Ended,
        }
    }
}

impl Adversarial for Entry {
    fn draw(random: &mut Random) -> Self {
        Self {
            channel: String::draw(random),
            mood: Mood::draw(random),
            reply_to: Option::draw(random),
            body: Vec::draw(random),
            at: i64::draw(random),
        }
    }
}
