//! The text form: every descriptor prints as text that parses to it, and all other text is refused with a good error.

use persist_core::descriptor::{Descriptor, FieldDescriptor, VariantDescriptor};
use persist_tests::properties::config;
use proptest::prelude::*;

use super::REGRESSIONS;
use super::generated::descriptor;

fn parsed(text: &str) -> Descriptor {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Asserts that text either doesn't parse, or parses to a descriptor that prints as text with the same meaning.
fn assert_round_trips_if_parsed(text: &str) {
    if let Ok(descriptor) = text.parse::<Descriptor>() {
        let printed = descriptor.to_string();
        assert_eq!(parsed(&printed), descriptor, "{text} printed as {printed}");
        assert_eq!(parsed(&printed).to_string(), printed);
    }
}

proptest! {
    #![proptest_config(config(256, REGRESSIONS))]

    #[test]
    fn descriptor_round_trips_as_text(descriptor in descriptor()) {
        let text = descriptor.to_string();
        prop_assert!(!text.contains('\n'), "{text}");
        prop_assert_eq!(text.parse::<Descriptor>(), Ok(descriptor.clone()), "{}", text);
        prop_assert_eq!(format!("{descriptor:#}").parse::<Descriptor>(), Ok(descriptor));
    }

    #[test]
    fn random_text_round_trips_if_parsed(text in ".{0,60}") {
        assert_round_trips_if_parsed(&text);
    }

    #[test]
    fn random_words_of_the_grammar_round_trip_if_parsed(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "struct", "enum", "A", "B", "{", "}", "(", ")", ",", ":", "=", "0", "-1", "default",
                "u8", "seq(", "lex(", "opt(", "ref(A)", "ref(", "opaque(\"", "\\u{", "\"", " ", "é",
            ]),
            0..24,
        )
    ) {
        assert_round_trips_if_parsed(&words.concat());
        assert_round_trips_if_parsed(&words.join(" "));
    }

    #[test]
    fn mutated_text_round_trips_if_parsed(
        descriptor in descriptor(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<char>()), 1..4),
    ) {
        let mut chars: Vec<char> = descriptor.to_string().chars().collect();
        for (index, edit, c) in edits {
            let index = index.index(chars.len() + 1);
            match edit {
                0 => chars.insert(index, c),
                1 => chars.truncate(index),
                _ if index < chars.len() => { chars.remove(index); }
                _ => {}
            }
        }
        assert_round_trips_if_parsed(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn descriptor_prints_as_documented() {
    let field = |name: &str, shape, default| FieldDescriptor { name: name.into(), shape, default };
    let descriptor = Descriptor::Struct {
        name: "Message".into(),
        fields: vec![
            field(
                "parts",
                Descriptor::Tuple(vec![Descriptor::Tuple(vec![]), Descriptor::U8]),
                false,
            ),
            field(
                "one",
                Descriptor::Tuple(vec![Descriptor::Opaque("a \"b\" \\ \n".into())]),
                false,
            ),
            field("unit", Descriptor::Struct { name: "Unit".into(), fields: vec![] }, false),
            field("never", Descriptor::Enum { name: "Never".into(), variants: vec![] }, false),
            field(
                "mood",
                Descriptor::Enum {
                    name: "Mood".into(),
                    variants: vec![
                        VariantDescriptor { name: "Calm".into(), tag: -3, fields: vec![] },
                        VariantDescriptor {
                            name: "Happy".into(),
                            tag: 1,
                            fields: vec![field("0", Descriptor::I64, true)],
                        },
                    ],
                },
                false,
            ),
            field(
                "next",
                Descriptor::Opt(Box::new(Descriptor::Ref { name: "Message".into(), outer: 0 })),
                true,
            ),
        ],
    };
    assert_eq!(
        descriptor.to_string(),
        "struct Message { parts: ((), u8), one: (opaque(\"a \\\"b\\\" \\\\ \\u{a}\"),), unit: struct Unit {}, \
         never: enum Never {}, mood: enum Mood { Calm = -3, Happy = 1 { 0: i64 = default } }, \
         next: opt(ref(Message)) = default }"
    );
    assert_eq!(
        format!("{descriptor:#}"),
        "\
struct Message {
    parts: ((), u8),
    one: (opaque(\"a \\\"b\\\" \\\\ \\u{a}\"),),
    unit: struct Unit {},
    never: enum Never {},
    mood: enum Mood {
        Calm = -3,
        Happy = 1 {
            0: i64 = default,
        },
    },
    next: opt(ref(Message)) = default,
}"
    );
}

#[test]
fn reference_counts_the_nearer_types_of_its_name() {
    let text = "struct A { a: struct A { near: seq(ref(A)), far: seq(ref(A, 1)) } }";
    assert_eq!(parsed(text).to_string(), text);
    assert_eq!(parsed(&text.replace("ref(A)", "ref(A, 0)")).to_string(), text);
}

#[test]
fn sequence_of_u8_prints_as_bytes_except_directly_under_lex() {
    for (text, canonical) in [
        ("seq(u8)", "bytes"),
        ("opt(seq(u8))", "opt(bytes)"),
        ("lex(seq(u8))", "lex(seq(u8))"),
        ("lex(bytes)", "lex(bytes)"),
        ("lex(seq(seq(u8)))", "lex(seq(bytes))"),
        ("lex(desc(seq(u8)))", "lex(desc(bytes))"),
    ] {
        assert_eq!(parsed(text).to_string(), canonical);
    }
}

#[test]
fn whitespace_and_a_trailing_comma_are_optional() {
    let canonical =
        "struct A { a: (u8,), b: res(u8, fixed(3)), c: enum E { V = 1 { x: u8 } } = default }";
    let sparse =
        "\n struct\tA{a:( u8 , ),b : res(u8,fixed( 3 )) ,c:enum E{V=1{x:u8,},}=default,}\u{a0}";
    assert_eq!(parsed(sparse).to_string(), canonical);
}

#[test]
fn errors_of_invalid_texts_name_the_mistake() {
    for (text, error) in [
        ("", "expected a type but found the end of the text at byte 0"),
        ("  ", "expected a type but found the end of the text at byte 2"),
        (
            "opt(strr)",
            "expected a type (str, bytes, bool, u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, \
             f32, f64, char, key, duration, time, date, ip, ipv4, ipv6, socket, uuid, opt, res, seq, \
             map, set, lex, desc, fixed, opaque, ref, struct, enum or a tuple) but found `strr` at byte 4",
        ),
        ("opt u8", "expected `(` but found `u8` at byte 4"),
        ("opt(u8", "expected `)` but found the end of the text at byte 6"),
        ("opt(u8, u8)", "expected `)` but found `,` at byte 6"),
        ("map(u8)", "expected `,` but found `)` at byte 6"),
        ("u8 u8", "expected the end of the text but found `u8` at byte 3"),
        ("(u8)", "expected `,` but found `)` at byte 3"),
        ("(u8, u8 u8)", "expected `,` or `)` but found `u8` at byte 8"),
        ("(,)", "expected a type but found `,` at byte 1"),
        ("struct {}", "expected the name of the type but found `{` at byte 7"),
        ("struct A", "expected `{` but found the end of the text at byte 8"),
        ("struct A { a u8 }", "expected `:` but found `u8` at byte 13"),
        ("struct A { : u8 }", "expected a field's name but found `:` at byte 11"),
        ("struct A { a: u8 b: u8 }", "expected `,` or `}` but found `b` at byte 17"),
        (
            "struct A { a: u8, a: u8 }",
            "expected a name that no field before has but found `a` at byte 18",
        ),
        ("struct A { a: u8 = 7 }", "expected `default` but found `7` at byte 19"),
        (
            "struct A { a: u8 = default, b: u8 }",
            "expected `= default`, as the field before has it, but found `}` at byte 34",
        ),
        ("enum A { B }", "expected `=` but found `}` at byte 11"),
        ("enum A { = 1 }", "expected a variant's name but found `=` at byte 9"),
        ("enum A { B = C }", "expected a tag, which is an i64, but found `C` at byte 13"),
        (
            "enum A { B = 9223372036854775808 }",
            "expected a tag, which is an i64, but found `9223372036854775808` at byte 13",
        ),
        ("enum A { B = - 1 }", "expected a tag, which is an i64, but found `- 1` at byte 13"),
        (
            "enum A { B = 1, C = 1 }",
            "expected a tag that no variant before has but found `1` at byte 20",
        ),
        (
            "enum A { B = 1, B = 2 }",
            "expected a name that no variant before has but found `B` at byte 16",
        ),
        ("fixed(-1)", "expected a number of bytes but found `-1` at byte 6"),
        (
            "fixed(99999999999999999999)",
            "expected a number of bytes but found `99999999999999999999` at byte 6",
        ),
        ("opaque(a)", "expected a name in quotes but found `a` at byte 7"),
        ("opaque(\"a", "expected `\"` but found the end of the text at byte 9"),
        (
            "opaque(\"\\n\")",
            "expected an escape, which is `\\\"`, `\\\\` or `\\u{…}` of a scalar value, but found `\\n` at byte 8",
        ),
        (
            "opaque(\"\\u{d800}\")",
            "expected an escape, which is `\\\"`, `\\\\` or `\\u{…}` of a scalar value, but found `\\u` at byte 8",
        ),
        ("ref(A)", "expected the name of a type around but found `A` at byte 4"),
        ("(struct A {}, ref(A))", "expected the name of a type around but found `A` at byte 18"),
        (
            "struct A { a: opt(ref(A, 1)) }",
            "expected a number below 1, the types around of this name, but found `1` at byte 25",
        ),
        ("\u{1}", "expected a type but found `\\u{1}` at byte 0"),
        ("struct A { ä: seq(u8] }", "expected `)` but found `]` at byte 21"),
    ] {
        let found = text.parse::<Descriptor>().expect_err(text);
        assert_eq!(found.to_string(), error, "{text}");
    }
}

#[test]
fn error_shows_only_the_beginning_of_a_long_word() {
    let error = "x".repeat(100_000).parse::<Descriptor>().unwrap_err();
    assert_eq!(error.found(), format!("`{}…`", "x".repeat(40)));
}

#[test]
fn nesting_deeper_than_128_is_refused() {
    for (open, close) in
        [("opt(", ")"), ("(", ",)"), ("struct A { a: ", " }"), ("enum A { B = 0 { a: ", " } }")]
    {
        let nested = |levels: usize| format!("{}u8{}", open.repeat(levels), close.repeat(levels));
        assert_eq!(parsed(&nested(128)).to_string(), nested(128));
        let error = nested(129).parse::<Descriptor>().unwrap_err();
        let offset = open.len() * 128;
        assert_eq!(
            error.to_string(),
            format!(
                "expected nesting of at most 128 levels but found a deeper one at byte {offset}"
            )
        );
        assert!(nested(1_000_000).parse::<Descriptor>().is_err());
        assert!(open.repeat(1_000_000).parse::<Descriptor>().is_err());
    }
}
