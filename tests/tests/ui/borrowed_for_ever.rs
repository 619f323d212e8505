use std::borrow::Cow;
use std::marker::PhantomData;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Sample {
    name: Cow<'static, str>,
    marker: PhantomData<&'static str>,
    #[key(skip)]
    #[payload(skip)]
    skipped: &'static str,
    count: u8,
}

#[derive(KeyEncode, KeyDecode)]
enum Variants {
    Nothing,
    Nested { count: u8, pair: (u8, Option<&'static [u8]>) },
}

#[derive(KeyEncode)]
struct OnlyEncoded(&'static str);

fn main() {}
