//! The small type language of the vectors (see their README), encoded by the real encoder.

use persist_core::{Key, KeyEncode, Payload, PayloadEncode};
use serde_json::Value;

/// A target that the vectors are encoded into.
pub(crate) trait Parts {
    fn part<T: KeyEncode + PayloadEncode + ?Sized>(&mut self, part: &T);
}

impl Parts for Key {
    fn part<T: KeyEncode + PayloadEncode + ?Sized>(&mut self, part: &T) {
        self.push(part);
    }
}

impl Parts for Payload {
    fn part<T: KeyEncode + PayloadEncode + ?Sized>(&mut self, part: &T) {
        self.push(part);
    }
}

/// Encodes `value`, whose type is given by the vectors as `ty`.
pub(crate) fn encode<P: Parts + Default>(ty: &str, value: &Value) -> P {
    let mut parts = P::default();
    add(&mut parts, ty, value);
    parts
}

fn add(parts: &mut impl Parts, ty: &str, value: &Value) {
    if let Some((_, fields)) = ty.strip_suffix(')').and_then(|ty| ty.split_once('(')) {
        let fields = split_fields(fields);
        let values = value.as_array().expect("the fields' values");
        assert_eq!(fields.len(), values.len(), "a value for each field of {ty}");
        for (field, value) in fields.iter().zip(values) {
            add(parts, without_name(field), value);
        }
        return;
    }
    match ty {
        "str" => parts.part(text(value)),
        "rawstr" | "bytes" => parts.part(&unhex(text(value))),
        "key" => parts.part(&Key::from_bytes(unhex(text(value)))),
        "i8" => parts.part(&number::<i8>(value)),
        "i16" => parts.part(&number::<i16>(value)),
        "i32" => parts.part(&number::<i32>(value)),
        "i64" | "enum" => parts.part(&number::<i64>(value)),
        "int" => parts.part(&number::<isize>(value)),
        "u16" => parts.part(&number::<u16>(value)),
        "u32" => parts.part(&number::<u32>(value)),
        "u64" => parts.part(&number::<u64>(value)),
        "bool" => parts.part(&value.as_bool().expect("a bool")),
        "byte" | "char" => {
            let byte = value.as_u64().and_then(|byte| u8::try_from(byte).ok());
            parts.part(&byte.expect("a number up to 255"));
        }
        other => panic!("no such type: {other}"),
    }
}

/// Splits at the commas that are not inside parentheses.
fn split_fields(fields: &str) -> Vec<&str> {
    let mut depth = 0;
    let comma = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    if fields.is_empty() { Vec::new() } else { fields.split(comma).collect() }
}

/// Removes the name from `name:type`. A colon after a parenthesis belongs to an inner field.
fn without_name(field: &str) -> &str {
    match field.split_once(':') {
        Some((name, ty)) if !name.contains('(') => ty,
        _ => field,
    }
}

fn number<T: std::str::FromStr>(value: &Value) -> T {
    text(value).parse().ok().expect("a decimal number of the type")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a JSON string")
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16).expect("hex")).expect("a nibble"))
        .collect();
    assert_eq!(digits.len() % 2, 0, "whole bytes of hex");
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
