//! Payloads whose last fields have defaults.

use persist_core::{Payload, PayloadDecode, PayloadEncode, payload};

use super::codecs::Compact;
use super::shape::shape;
use crate::laws::Grows;

/// A payload with one added field.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub struct GrownOnce {
    id: u64,
    #[payload(default)]
    name: String,
}

shape!([] GrownOnce { 0 => Self { id: u64, name: String } });

impl Grows for GrownOnce {
    fn before_it_grew(&self) -> Vec<(Payload, Self)> {
        vec![(payload!(self.id), Self { id: self.id, name: String::new() })]
    }
}

/// A payload with two added fields; one whole number may follow another.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub struct GrownTwice {
    name: String,
    flag: bool,
    #[payload(default)]
    count: i32,
    #[payload(default)]
    tags: Vec<String>,
}

shape!([] GrownTwice { 0 => Self { name: String, flag: bool, count: i32, tags: Vec<String> } });

impl Grows for GrownTwice {
    fn before_it_grew(&self) -> Vec<(Payload, Self)> {
        let Self { name, flag, count, .. } = self.clone();
        vec![
            (payload!(name, flag), Self { name: name.clone(), flag, count: 0, tags: Vec::new() }),
            (payload!(name, flag, count), Self { name, flag, count, tags: Vec::new() }),
        ]
    }
}

/// A payload of fields with defaults only, which may have been empty once.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub struct AllGrown(
    #[payload(default, with = "Compact")] u32,
    #[payload(default, fixed)] [u8; 4],
    #[payload(default)] Option<u8>,
);

shape!([] AllGrown { 0 => Self { 0: u32, 1: [u8; 4], 2: Option<u8> } });

impl Grows for AllGrown {
    fn before_it_grew(&self) -> Vec<(Payload, Self)> {
        let number = match u8::try_from(self.0) {
            Ok(small) if small < 0x80 => payload!(small),
            _ => Payload::from_bytes([&[0x80][..], &self.0.to_be_bytes()].concat()),
        };
        let both = Payload::from_bytes([number.as_bytes(), &self.1].concat());
        vec![
            (Payload::new(), Self(0, [0; 4], None)),
            (number, Self(self.0, [0; 4], None)),
            (both, Self(self.0, self.1, None)),
        ]
    }
}

/// Variants, some with added fields.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub enum GrownVariants {
    /// Two added fields.
    Sent {
        /// A field from the beginning.
        at: u64,
        /// The first added field.
        #[payload(default)]
        by: String,
        /// The last added field.
        #[payload(default)]
        retries: Option<u8>,
    },
    /// No added field.
    Lost(String),
    /// All fields added.
    Done(#[payload(default)] bool),
}

shape!([] GrownVariants {
    0 => Self::Sent { at: u64, by: String, retries: Option<u8> }
    1 => Self::Lost { 0: String }
    2 => Self::Done { 0: bool }
});

impl Grows for GrownVariants {
    fn before_it_grew(&self) -> Vec<(Payload, Self)> {
        match self.clone() {
            Self::Sent { at, by, .. } => vec![
                (payload!(0i64, at), Self::Sent { at, by: String::new(), retries: None }),
                (payload!(0i64, at, by), Self::Sent { at, by, retries: None }),
            ],
            Self::Lost(_) => Vec::new(),
            Self::Done(_) => vec![(payload!(2i64), Self::Done(false))],
        }
    }
}

/// A payload whose last field is a type with added fields.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub struct GrownInside {
    kind: char,
    #[payload(tail)]
    grown: GrownOnce,
}

shape!([] GrownInside { 0 => Self { kind: char, grown: GrownOnce } });

impl Grows for GrownInside {
    fn before_it_grew(&self) -> Vec<(Payload, Self)> {
        let of_inner = self.grown.before_it_grew().into_iter();
        of_inner
            .map(|(stored, grown)| (payload!(self.kind, stored), Self { kind: self.kind, grown }))
            .collect()
    }
}
