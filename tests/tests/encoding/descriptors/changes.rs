//! Each rule of `can_read`, with its exact messages.

use persist_core::descriptor::{Descriptor, FieldDescriptor, can_read};

fn parsed(text: &str) -> Descriptor {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn assert_reads(stored: &str, current: &str, notes: &[&str]) {
    match can_read(&parsed(stored), &parsed(current)) {
        Ok(changes) => assert_eq!(changes.iter().collect::<Vec<_>>(), notes),
        Err(error) => panic!("{current} should read {stored}, but {error}"),
    }
}

#[track_caller]
fn assert_refuses(stored: &str, current: &str, error: &str) {
    match can_read(&parsed(stored), &parsed(current)) {
        Ok(changes) => panic!("{current} should not read {stored}, but: {changes}"),
        Err(found) => assert_eq!(found.to_string(), error),
    }
}

const OTHER_WAY: &str = "written in another way, for the same bytes";

#[test]
fn equal_shapes_have_no_changes() {
    let text = "struct A { a: opt(seq(map(str, set(key)))), b: enum B { C = 0 { d: lex(str) } } }";
    let changes = can_read(&parsed(text), &parsed(text)).unwrap();
    assert!(changes.is_empty());
    assert_eq!(changes.to_string(), "nothing differs");
}

#[test]
fn integers_widen_to_eight_bytes_and_do_not_narrow() {
    let widths = [["u16", "u32", "u64", "u64"], ["i8", "i16", "i32", "i64"]];
    for widths in widths {
        for (index, narrow) in widths.iter().enumerate() {
            for wide in widths[index + 1..].iter().filter(|wide| *wide != narrow) {
                assert_reads(
                    narrow,
                    wide,
                    &[&format!("value was widened from {narrow} to {wide}")],
                );
                assert_refuses(
                    wide,
                    narrow,
                    &format!(
                        "value: {wide} was stored, and {narrow} can't hold all of its values: \
                         keep {wide}, or convert the rows"
                    ),
                );
            }
        }
    }
    assert_reads("desc(u16)", "desc(u64)", &["value was widened from u16 to u64"]);
    assert_reads("seq(u16)", "seq(u64)", &["value[] was widened from u16 to u64"]);
}

#[test]
fn integers_with_different_encodings_do_not_read_each_other() {
    for (stored, current, widths) in [
        ("u8", "u16", "u8 is stored in one byte, and u16 in eight bytes"),
        ("u32", "u8", "u32 is stored in eight bytes, and u8 in one byte"),
        ("u64", "u128", "u64 is stored in eight bytes, and u128 in sixteen bytes"),
        ("i128", "i64", "i128 is stored in sixteen bytes, and i64 in eight bytes"),
        ("u8", "i8", "u8 is stored in one byte, and i8 in eight bytes"),
        ("u32", "i64", "u32 was stored, which i64 doesn't read"),
        ("i64", "u64", "i64 was stored, which u64 doesn't read"),
        ("u128", "i128", "u128 was stored, which i128 doesn't read"),
    ] {
        let error = format!("value: {widths}: keep {stored}, or convert the rows");
        assert_refuses(stored, current, &error);
    }
}

#[test]
fn other_shapes_read_only_themselves() {
    let shapes = [
        ("bool", "bool"),
        ("u8", "u8"),
        ("str", "str"),
        ("bytes", "bytes"),
        ("f32", "f32"),
        ("f64", "f64"),
        ("char", "char"),
        ("key", "key"),
        ("duration", "duration"),
        ("time", "time"),
        ("date", "date"),
        ("ip", "ip"),
        ("ipv4", "ipv4"),
        ("ipv6", "ipv6"),
        ("socket", "socket"),
        ("uuid", "uuid"),
        ("fixed(4)", "fixed(4)"),
        ("fixed(16)", "fixed(16)"),
        ("opaque(\"a\")", "opaque(\"a\")"),
        ("opaque(\"b\")", "opaque(\"b\")"),
        ("opt(str)", "opt(…)"),
        ("res(str, str)", "res(…)"),
        ("seq(str)", "seq(…)"),
        ("map(str, str)", "map(…)"),
        ("set(str)", "set(…)"),
        ("lex(str)", "lex(…)"),
        ("desc(str)", "desc(…)"),
        ("enum E { A = 0 }", "enum E"),
    ];
    for (stored, stored_words) in shapes {
        assert_reads(stored, stored, &[]);
        for (current, current_words) in shapes.iter().filter(|(current, _)| *current != stored) {
            let place = if stored.starts_with("enum") { "E" } else { "value" };
            assert_refuses(
                stored,
                current,
                &format!(
                    "{place}: {stored_words} was stored, which {current_words} doesn't read: \
                     keep {stored_words}, or convert the rows"
                ),
            );
        }
    }
}

#[test]
fn nested_difference_is_reported_with_its_place() {
    for (stored, current, place) in [
        ("opt(str)", "opt(u8)", "value?"),
        ("seq(str)", "seq(bool)", "value[]"),
        ("set(str)", "set(u8)", "value[]"),
        ("map(str, u16)", "map(u8, u16)", "value[key]"),
        ("map(u16, str)", "map(u16, u8)", "value[value]"),
        ("res(str, u16)", "res(u8, u16)", "value[ok]"),
        ("res(u16, str)", "res(u16, u8)", "value[err]"),
        ("lex(str)", "lex(bytes)", "value"),
        ("lex(seq(u8))", "lex(bytes)", "value"),
        ("desc(str)", "desc(u8)", "value"),
        ("(u16, (u16, str))", "(u16, (u16, u8))", "value.1.1"),
        (
            "struct Message { header: struct Header { epoch: str } }",
            "struct Message { header: struct Header { epoch: u8 } }",
            "Message.header.epoch",
        ),
        (
            "struct A { mood: enum Mood { Happy = 1 { since: opt(str) } } }",
            "struct A { mood: enum Mood { Happy = 1 { since: opt(u8) } } }",
            "A.mood::Happy.since?",
        ),
    ] {
        let error = can_read(&parsed(stored), &parsed(current)).unwrap_err();
        assert_eq!(error.place(), place, "{error}");
    }
}

#[test]
fn first_difference_in_byte_order_is_reported() {
    assert_refuses(
        "struct A { a: opt(str), b: bool, c: u8 }",
        "struct A { a: opt(u8), b: u8 }",
        "A.a?: str was stored, which u8 doesn't read: keep str, or convert the rows",
    );
    assert_refuses(
        "struct A { a: str, b: u64, c: str }",
        "struct A { a: str, c: str }",
        "A.b: u64 was stored, which str doesn't read (A.c stands there now): keep u64, or convert the rows",
    );
}

#[test]
fn nesting_does_not_change_the_bytes() {
    for (one, other) in [
        ("u8", "(u8,)"),
        ("u8", "((), u8, struct Unit {})"),
        ("()", "struct Unit {}"),
        (
            "struct A { a: u8, b: str, c: bool }",
            "struct A { a: u8, b: struct B { b: str, c: bool } }",
        ),
        ("struct A { id: u64 }", "struct A { id: struct Id { 0: u64 } }"),
        ("opt((u8, str))", "opt((u8, (str,)))"),
    ] {
        assert_reads(one, other, &[OTHER_WAY]);
        assert_reads(other, one, &[OTHER_WAY]);
    }
}

#[test]
fn trailing_default_field_may_be_added_and_not_removed() {
    let old = "struct A { a: u8 }";
    let new = "struct A { a: u8, b: str = default, c: (bool, u8) = default }";
    let note = |field| format!("A.{field} is new: rows from before have its default");
    assert_reads(old, new, &[&note("b"), &note("c.0"), &note("c.1")]);
    assert_refuses(
        new,
        old,
        "A.b: it is gone, and its bytes are stored: keep it, or convert the rows",
    );
}

#[test]
fn field_without_a_default_may_not_be_added() {
    let error = |field| {
        format!(
            "A.{field}: it is new, and rows from before end without it: mark it \
             `#[payload(default)]`, or convert the rows"
        )
    };
    assert_refuses("struct A { a: u8 }", "struct A { a: u8, b: str }", &error("b"));
    assert_refuses("struct A {}", "struct A { a: u8 }", &error("a"));
    // In a hand-written nesting, a field with a default can come before a field without one.
    assert_refuses(
        "struct A { a: u8 }",
        "struct A { a: struct B { a: u8, b: u8 = default }, c: u8 }",
        &error("c"),
    );
}

#[test]
fn default_may_be_added_to_the_last_field_and_not_removed() {
    let without = "struct A { a: u8, b: str }";
    let with = "struct A { a: u8, b: str = default }";
    assert_reads(without, with, &["A.b may be missing now, and then has its default"]);
    assert_refuses(
        with,
        without,
        "A.b: rows may end before it, for it had a default: keep the default, or convert the rows",
    );
}

#[test]
fn default_field_that_is_a_struct_may_be_missing_as_a_whole() {
    let whole = "struct A { a: u8, b: struct B { c: u8, d: u8 } = default }";
    let inner_too = "struct A { a: u8, b: struct B { c: u8, d: u8 = default } = default }";
    assert_reads(whole, inner_too, &["A.b.d may be missing now, and then has its default"]);
    assert_refuses(
        inner_too,
        whole,
        "A.b.d: rows may end before it, for it had a default: keep the default, or convert the rows",
    );
    // The same fields in another nesting may end at the same places.
    let flat = "struct A { a: u8, c: u8 = default, d: u8 = default }";
    assert_reads(inner_too, flat, &[OTHER_WAY]);
}

#[test]
fn field_may_not_be_added_before_other_bytes_of_a_row() {
    let error = |place| {
        format!(
            "{place}: it is new, and in a row more may follow, so that a default does not help: \
             take it out, or convert the rows"
        )
    };
    let (old, new) = ("struct B { x: u8 }", "struct B { x: u8, y: u8 = default }");
    let added = "B.y is new: rows from before have its default";
    assert_reads(old, new, &[added]);
    for (around, place) in
        [("seq(_)", "value[].y"), ("map(u8, _)", "value[value].y"), ("desc(_)", "value.y")]
    {
        let (old, new) = (around.replace('_', old), around.replace('_', new));
        assert_refuses(&old, &new, &error(place));
    }
    for around in ["opt(_)", "res(u8, _)", "res(_, u8)", "(u8, _)", "enum E { V = 0 { v: _ } }"] {
        let (old, new) = (around.replace('_', old), around.replace('_', new));
        let changes = can_read(&parsed(&old), &parsed(&new)).unwrap();
        assert_eq!(changes.iter().len(), 1, "{changes}");
    }
    assert_refuses(
        &format!("(opt({old}), u8)"),
        &format!("(opt({new}), u8)"),
        &error("value.0?.y"),
    );
    // In one place of the recursive type nothing follows, in another more does.
    assert_refuses(
        "enum E { V = 0 { more: seq(ref(E)) } }",
        "enum E { V = 0 { more: seq(ref(E)), y: u8 = default } }",
        &error("E::V.more[]::V.y"),
    );
}

#[test]
fn names_may_differ() {
    assert_reads(
        "struct Message { header: struct Header { epoch: u8, seq: u8 }, mood: enum Mood { Calm = 0 } }",
        "struct Note { head: struct Head { epoch: u8, number: u8 }, mood: enum Feeling { Quiet = 0 } }",
        &[
            "names differ: type Message is now Note",
            "names differ: field Message.header is now head",
            "names differ: type Header is now Head",
            "names differ: field Message.header.seq is now number",
            "names differ: type Mood is now Feeling",
            "names differ: variant Message.mood::Calm is now Quiet",
        ],
    );
    assert_reads("struct A {}", "struct B {}", &["names differ: type A is now B"]);
    assert_reads(
        "struct A { a: u8, b: u8 }",
        "struct A { x: struct X { y: u8, z: u8 } }",
        &["names differ: field A.a is now A.x.y", "names differ: field A.b is now A.x.z"],
    );
}

#[test]
fn reordered_fields_are_refused() {
    const MOVED: &str = "it has changed places with other fields, and rows have no names in them: \
        put it back, or convert the rows";
    let old = "struct A { a: u64, b: u64, c: str }";
    assert_refuses(old, "struct A { b: u64, a: u64, c: str }", &format!("A.a: {MOVED}"));
    assert_refuses(old, "struct A { new: u64, a: u64, c: str }", &format!("A.a: {MOVED}"));
    assert_refuses(
        "struct A { x: struct B { a: u64, b: u64 } }",
        "struct A { x: struct B { b: u64, a: u64 } }",
        &format!("A.x.a: {MOVED}"),
    );
    assert_refuses(
        "enum E { V = 0 { a: u64, b: u64 } }",
        "enum E { V = 0 { b: u64, a: u64 } }",
        &format!("E::V.a: {MOVED}"),
    );
    // The fields of tuples have numbers, which change when fields are grouped.
    assert_reads("(u64, u64, u64)", "((u64, u64), u64)", &["names differ: field value.2 is now 1"]);
    assert_reads(
        "struct A { a: u64, b: u64 }",
        "struct A { x: struct X { a: u64, b: u64 } }",
        &[OTHER_WAY],
    );
}

#[test]
fn variants_are_matched_by_their_tags() {
    let old = "enum E { A = 0, B = 1 { b: u8 } }";
    assert_reads(old, "enum E { B = 1 { b: u8 }, A = 0 }", &[OTHER_WAY]);
    assert_reads(
        old,
        "enum E { C = 2, A = 0, B = 1 { b: u8 } }",
        &["E::C is a new variant, with tag 2"],
    );
    assert_refuses(
        old,
        "enum E { A = 0, B = 2 { b: u8 } }",
        "E::B: the variant is gone, and rows may have its tag 1: keep it, or convert the rows",
    );
    assert_refuses(
        old,
        "enum E { A = 1, B = 0 { b: u8 } }",
        "E::A: it has another tag now, and B has its tag 0: give all variants their tags of before, \
         or convert the rows",
    );
    assert_reads(
        "enum Never {}",
        old,
        &[
            "names differ: type Never is now E",
            "E::A is a new variant, with tag 0",
            "E::B is a new variant, with tag 1",
        ],
    );
}

#[test]
fn recursive_types_are_equal_however_far_they_are_unrolled() {
    let list = "struct L { head: u8, tail: opt(ref(L)) }";
    let twice = "struct L { head: u8, tail: opt(struct L { head: u8, tail: opt(ref(L)) }) }";
    let round = "struct L { head: u8, tail: opt(struct L { head: u8, tail: opt(ref(L, 1)) }) }";
    let three = format!("struct L {{ head: u8, tail: opt({twice}) }}");
    let all = [list, twice, round, &three];
    for stored in all {
        for current in all {
            let notes: &[&str] = if stored == current { &[] } else { &[OTHER_WAY] };
            assert_reads(stored, current, notes);
        }
    }
    // A reference to a struct represents as many values as the struct has fields.
    assert_reads(
        "struct L { e: enum E { N = 0, C = 1 { next: ref(L), x: u8 } }, n: u8 }",
        "struct L { e: enum E { N = 0, C = 1 { next: ref(E), n: u8, x: u8 } }, n: u8 }",
        &[OTHER_WAY],
    );
}

#[test]
fn difference_in_a_recursive_type_is_found_behind_its_reference() {
    assert_refuses(
        "struct L { head: u8, tail: opt(ref(L)) }",
        "struct L { head: u8, tail: opt(struct L { head: u8, tail: opt(struct M { head: u8, tail: opt(u8) }) }) }",
        "L.tail?.tail?.tail?.tail: it is gone, and its bytes are stored: keep it, or convert the rows",
    );
}

#[test]
fn endlessly_recursive_type_reads_itself_only() {
    let endless = "struct A { x: u8, next: ref(A) }";
    assert_reads(endless, endless, &[]);
    assert_refuses(
        endless,
        "struct A { x: u8, next: u8 }",
        "A.next: ref(A) was stored, which u8 doesn't read: keep ref(A), or convert the rows",
    );
}

#[test]
fn reference_to_no_enclosing_type_is_reported() {
    let lost = Descriptor::Ref { name: "B".into(), outer: 0 };
    let opt = Descriptor::Opt(Box::new(lost));
    let field = FieldDescriptor { name: "a".into(), shape: opt, default: false };
    let dangling = Descriptor::Struct { name: "A".into(), fields: vec![field] };
    let whole = parsed("struct A { a: opt(u8) }");
    let error =
        |called| format!("A.a?: the {called} shape says ref(B), and no such type is around it");
    assert_eq!(can_read(&dangling, &dangling).unwrap_err().to_string(), error("stored"));
    assert_eq!(can_read(&dangling, &whole).unwrap_err().to_string(), error("stored"));
    assert_eq!(can_read(&whole, &dangling).unwrap_err().to_string(), error("current"));
}

#[test]
fn shapes_of_endless_rows_are_refused_as_too_large() {
    // Each type contains the one around it twice, so the innermost represents 2 to the 60 values.
    let mut text = "struct T0 { v: u8, e: enum E0 { V = 0 { v: _ } } }".to_owned();
    for level in 1..60 {
        let around = level - 1;
        let inner = format!(
            "struct T{level} {{ a: ref(T{around}), b: ref(T{around}), e: enum E{level} {{ V = 0 {{ v: _ }} }} }}"
        );
        text = text.replace('_', &inner);
    }
    let hard = parsed(&text.replace('_', "u8"));
    let error = can_read(&hard, &hard).unwrap_err();
    assert_eq!(
        error.reason(),
        "the two shapes are too large to compare, or refer to themselves too often"
    );
}

#[test]
fn shapes_with_endless_notes_are_refused_as_too_large() {
    // Each of the many fields was renamed, and the path to each is long.
    let text = |prefix: &str| {
        let name = "x".repeat(400);
        let around = format!("struct {name} {{ {name}: ").repeat(30);
        let fields: Vec<_> = (0..5_000).map(|field| format!("{prefix}{field}: u8")).collect();
        format!("{around}struct Wide {{ {} }}{}", fields.join(", "), "}".repeat(30))
    };
    let error = can_read(&parsed(&text("a")), &parsed(&text("b"))).unwrap_err();
    assert_eq!(
        error.reason(),
        "the two shapes are too large to compare, or refer to themselves too often"
    );
}
