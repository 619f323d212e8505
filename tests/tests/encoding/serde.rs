//! `Key` in formats of serde.

use persist_core::{Key, key};
use serde_test::{
    Configure, Token, assert_de_tokens, assert_de_tokens_error, assert_ser_tokens, assert_tokens,
};

#[test]
fn key_in_a_human_readable_format_is_hex() {
    let key = key!("hi", true);
    assert_eq!(serde_json::to_string(&key).expect("json"), r#""0002686901""#);
    assert_eq!(serde_json::from_str::<Key>(r#""0002686901""#).expect("a key"), key);
    assert_tokens(&key.clone().readable(), &[Token::Str("0002686901")]);
    assert_de_tokens(&key.readable(), &[Token::String("0002686901")]);
    assert_tokens(&Key::new().readable(), &[Token::Str("")]);
}

#[test]
fn key_in_a_binary_format_is_its_bytes() {
    let key = Key::from_bytes([0, 1, 0xFF]).compact();
    assert_ser_tokens(&key, &[Token::Bytes(&[0, 1, 0xFF])]);
    assert_de_tokens(&key, &[Token::Bytes(&[0, 1, 0xFF])]);
    assert_de_tokens(&key, &[Token::BorrowedBytes(&[0, 1, 0xFF])]);
    assert_de_tokens(&key, &[Token::ByteBuf(&[0, 1, 0xFF])]);
}

#[test]
fn sequence_of_bytes_is_read_as_a_key_whatever_its_length_hint() {
    let bytes = [Token::U8(0), Token::U8(0xFF), Token::SeqEnd];
    for len in [None, Some(2), Some(usize::MAX)] {
        let tokens = [&[Token::Seq { len }][..], &bytes].concat();
        assert_de_tokens(&Key::from_bytes([0, 0xFF]).compact(), &tokens);
    }
}

#[test]
fn text_that_is_not_hex_is_refused_with_its_place() {
    let error = serde_json::from_str::<Key>(r#""00zz""#).expect_err("no hex");
    let expected = "a key as plain hex: expected two hex digits (0-9, a-f) at byte 2";
    assert!(error.to_string().starts_with(expected), "{error}");
    let error = serde_json::from_str::<Key>(r#""000""#).expect_err("half a byte");
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn value_of_another_type_is_refused_with_the_expected_type() {
    let error = serde_json::from_str::<Key>("[0, 1]").expect_err("no text");
    let expected = "invalid type: sequence, expected a key as plain hex";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_de_tokens_error::<serde_test::Compact<Key>>(
        &[Token::U64(7)],
        "invalid type: integer `7`, expected the bytes of a key",
    );
}
