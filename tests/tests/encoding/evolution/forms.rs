//! Other attributes of a field: `lex`, `desc`, `fixed`, `with`.

use std::cmp::Reverse;

use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
use persist_core::{DecodeError, Fixed, KeyDecode, Lex};

use super::Case;
use super::case::{Cells, new, old};

pub(crate) const CASES: &[Case] = &[
    ("put `lex` on a field", put_lex),
    ("put `desc` on a field", put_desc),
    ("put `fixed` on a field", put_fixed),
    ("`lex`, `desc`, `fixed` ↔ `Lex`, `Reverse`, `Fixed`", attributes_and_types),
    ("put `with` on a field", put_with),
    ("name another codec by `with`", another_codec),
    ("rewrite a codec under its name", rewrite_a_codec),
];

fn put_lex() -> Cells {
    // Its length is 00 FF, which is an escaped zero, and it ends like `lex` text.
    let long = || "a".repeat(253) + "\0\x01";
    let old = old!(keys { struct User { name: String } }
        User { name: "b".into() }, User { name: "aa".into() }, User { name: long() });
    let new = new!(keys { struct User { #[key(lex)] name: String } }
        Some(User { name: "b".into() }), Some(User { name: "aa".into() }),
        Some(User { name: long() }));
    old.read_by(&new)
}

fn put_desc() -> Cells {
    let old = old!(keys { struct At { time: u64 } } At { time: 1 }, At { time: 2 });
    let new = new!(keys { struct At { #[key(desc)] time: u64 } }
        Some(At { time: 1 }), Some(At { time: 2 }));
    old.read_by(&new)
}

fn put_fixed() -> Cells {
    let old = old!({ struct Id { bytes: [u8; 2] } } Id { bytes: [1, 2] }, Id { bytes: [2, 1] });
    let new = new!({ struct Id { #[key(fixed)] #[payload(fixed)] bytes: [u8; 2] } }
        Some(Id { bytes: [1, 2] }), Some(Id { bytes: [2, 1] }));
    old.read_by(&new)
}

fn attributes_and_types() -> Cells {
    let old_attributes = old!(keys { struct Key {
            #[key(lex)] name: String, #[key(desc)] time: u64, #[key(fixed)] id: [u8; 2],
        } }
        Key { name: "b".into(), time: 1, id: [1, 2] }, Key { name: "aa".into(), time: 2, id: [1, 2] });
    let new_types = new!(keys { struct Key { name: Lex<String>, time: Reverse<u64>, id: Fixed<[u8; 2]> } }
        Some(Key { name: Lex("b".into()), time: Reverse(1), id: Fixed([1, 2]) }),
        Some(Key { name: Lex("aa".into()), time: Reverse(2), id: Fixed([1, 2]) }));
    let old_types = old!(keys { struct Key { name: Lex<String>, time: Reverse<u64>, id: Fixed<[u8; 2]> } }
        Key { name: Lex("b".into()), time: Reverse(1), id: Fixed([1, 2]) },
        Key { name: Lex("aa".into()), time: Reverse(2), id: Fixed([1, 2]) });
    let new_attributes = new!(keys { struct Key {
            #[key(lex)] name: String, #[key(desc)] time: u64, #[key(fixed)] id: [u8; 2],
        } }
        Some(Key { name: "b".into(), time: 1, id: [1, 2] }),
        Some(Key { name: "aa".into(), time: 2, id: [1, 2] }));
    Cells::all([old_attributes.read_by(&new_types), old_types.read_by(&new_attributes)])
}

/// Defines a codec for a number in one byte, which is the number plus `N`.
macro_rules! codec {
    ($Codec:ident, $plus:expr) => {
        struct $Codec;

        impl EncodeWith<u64> for $Codec {
            fn encode(value: &u64, sink: &mut Sink<'_>) {
                sink.write(&[value.to_be_bytes()[7].wrapping_add($plus)]);
            }
        }

        impl DecodeWith<'_, u64> for $Codec {
            fn decode(source: &mut Source<'_>) -> Result<u64, DecodeError> {
                Ok(u8::decode_key(source)?.wrapping_sub($plus).into())
            }
        }

        impl SelfDelimitingWith<u64> for $Codec {}
    };
}

fn put_with() -> Cells {
    /// A codec with as many bytes as the type itself.
    struct PlusOne;

    impl EncodeWith<u64> for PlusOne {
        fn encode(value: &u64, sink: &mut Sink<'_>) {
            sink.write(&value.wrapping_add(1).to_be_bytes());
        }
    }

    impl DecodeWith<'_, u64> for PlusOne {
        fn decode(source: &mut Source<'_>) -> Result<u64, DecodeError> {
            Ok(u64::decode_key(source)?.wrapping_sub(1))
        }
    }

    impl SelfDelimitingWith<u64> for PlusOne {}

    let old = old!({ struct Level { percent: u64 } } Level { percent: 1 }, Level { percent: 2 });
    let new = new!({ struct Level {
            #[key(with = "PlusOne")] #[payload(with = "PlusOne")] percent: u64,
        } }
        Some(Level { percent: 1 }), Some(Level { percent: 2 }));
    old.read_by(&new)
}

fn another_codec() -> Cells {
    codec!(Small, 0);
    codec!(Shifted, 1);
    let old = old!({ struct Level { #[key(with = "Small")] #[payload(with = "Small")] percent: u64 } }
        Level { percent: 1 }, Level { percent: 2 });
    let new = new!({ struct Level {
            #[key(with = "Shifted")] #[payload(with = "Shifted")] percent: u64,
        } }
        Some(Level { percent: 1 }), Some(Level { percent: 2 }));
    old.read_by(&new)
}

fn rewrite_a_codec() -> Cells {
    let old = {
        codec!(Small, 0);
        old!({ struct Level { #[key(with = "Small")] #[payload(with = "Small")] percent: u64 } }
            Level { percent: 1 }, Level { percent: 2 })
    };
    let new = {
        codec!(Small, 1);
        new!({ struct Level { #[key(with = "Small")] #[payload(with = "Small")] percent: u64 } }
            Some(Level { percent: 1 }), Some(Level { percent: 2 }))
    };
    old.read_by(&new)
}
