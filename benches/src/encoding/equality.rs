//! The check before the measurements that all sides do the same work correctly.

use std::fmt::Debug;

use persist_core::Lex;

use super::shape::{Kind, LexText, Message, Pair, Record, Samples, Text};
use super::side::{
    ByteByByte, Bytekey, Decodes, DecodesBorrowed, Encodes, Foundationdb, HandWritten,
    Memcomparable, Persist, Storekey,
};

pub(crate) fn check(samples: &Samples) -> Result<(), String> {
    let Samples { message, pair, record, text, lex_short, lex_long, lex_zeros } = samples;
    let texts = ["", "\0", "a", "ünïcödé", &"x".repeat(65_534), &"x".repeat(65_535)];
    let numbers = [0, 1, u64::MAX];
    let mut messages = vec![message.clone()];
    let mut records = vec![record.clone()];
    for channel in texts {
        for (epoch, seq) in [i64::MIN, -1, i64::MAX].into_iter().zip(numbers) {
            messages.push(Message { channel: channel.into(), epoch, seq });
        }
        for (kind, done) in [(Kind::Created, true), (Kind::Removed, false)] {
            let digest = [u8::MAX; 32];
            records.push(Record { kind, name: channel.into(), at: -1, done, digest });
        }
    }
    let mut pairs: Vec<Pair> = numbers.map(|number| (number, !number)).to_vec();
    pairs.push(*pair);
    let mut plain = texts.map(String::from).to_vec();
    plain.push(text.clone());
    let mut lex: Vec<LexText> = plain.iter().cloned().map(Lex).collect();
    lex.extend([lex_short, lex_long, lex_zeros].map(Clone::clone));

    for message in &messages {
        as_hand_written(message)?;
        in_peers(message)?;
        borrowed::<HandWritten>(message)?;
        borrowed::<Persist>(message)?;
        borrowed::<Storekey>(message)?;
        borrowed::<Foundationdb>(message)?;
    }
    for pair in &pairs {
        as_hand_written(pair)?;
        in_peers(pair)?;
        round_trips::<Bytekey, _>(pair)?;
    }
    for record in &records {
        as_hand_written(record)?;
        in_peers(record)?;
    }
    for text in &plain {
        as_hand_written(text)?;
        in_peers(text)?;
    }
    round_trips::<Bytekey, _>(text)?;
    for text in &lex {
        equal::<ByteByByte, _>(text)?;
        round_trips::<ByteByByte, _>(text)?;
        round_trips::<Persist, _>(text)?;
    }
    refuse_the_same::<Message>(&messages)?;
    refuse_the_same::<Pair>(&pairs)?;
    refuse_the_same::<Record>(&records)?;
    refuse_the_same::<Text>(&plain)
}

fn as_hand_written<T: PartialEq + Debug>(value: &T) -> Result<(), String>
where
    HandWritten: Encodes<T> + Decodes<T>,
    Persist: Encodes<T> + Decodes<T>,
{
    equal::<HandWritten, T>(value)?;
    round_trips::<HandWritten, T>(value)?;
    round_trips::<Persist, T>(value)
}

fn in_peers<T: PartialEq + Debug>(value: &T) -> Result<(), String>
where
    Storekey: Encodes<T> + Decodes<T>,
    Memcomparable: Encodes<T> + Decodes<T>,
    Foundationdb: Encodes<T> + Decodes<T>,
{
    round_trips::<Storekey, T>(value)?;
    round_trips::<Memcomparable, T>(value)?;
    round_trips::<Foundationdb, T>(value)
}

fn encoded<S: Encodes<T>, T>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    S::encode(value, &mut bytes);
    bytes
}

fn equal<S: Encodes<T>, T: Debug>(value: &T) -> Result<(), String>
where
    Persist: Encodes<T>,
{
    let (ours, theirs) = (encoded::<Persist, T>(value), encoded::<S, T>(value));
    if ours == theirs { Ok(()) } else { Err(mismatch::<S>("other bytes than persist for", value)) }
}

fn round_trips<S: Encodes<T> + Decodes<T>, T: PartialEq + Debug>(value: &T) -> Result<(), String> {
    match S::decode(&encoded::<S, T>(value)) {
        Ok(decoded) if decoded == *value => Ok(()),
        Ok(decoded) => Err(mismatch::<S>(&format!("decoded {decoded:?} for"), value)),
        Err(_) => Err(mismatch::<S>("an error for its own", value)),
    }
}

fn borrowed<S: Encodes<Message> + DecodesBorrowed>(value: &Message) -> Result<(), String> {
    let bytes = encoded::<S, _>(value);
    let decoded: Option<Message> = S::decode_borrowed(&bytes).ok().map(Into::into);
    if decoded.as_ref() == Some(value) {
        return Ok(());
    }
    Err(mismatch::<S>(&format!("decoded {decoded:?}, borrowed, for"), value))
}

/// Checks that both decoders accept and refuse the same bytes: every prefix, one byte too many, every byte changed.
fn refuse_the_same<T: PartialEq + Debug>(values: &[T]) -> Result<(), String>
where
    HandWritten: Decodes<T>,
    Persist: Encodes<T> + Decodes<T>,
{
    for value in values {
        let bytes = encoded::<Persist, T>(value);
        if bytes.len() > 2_000 {
            continue;
        }
        let mut inputs: Vec<Vec<u8>> = (0..bytes.len()).map(|end| bytes[..end].to_vec()).collect();
        inputs.push([&bytes[..], &[0]].concat());
        for index in 0..bytes.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[index] ^= change;
                inputs.push(changed);
            }
        }
        for input in inputs {
            let by_hand: Option<T> = HandWritten::decode(&input).ok();
            let ours: Option<T> = Persist::decode(&input).ok();
            if by_hand != ours {
                return Err(format!(
                    "{input:02x?}: the hand-written decoder returns {by_hand:?}, persist {ours:?}"
                ));
            }
        }
    }
    Ok(())
}

fn mismatch<S>(what: &str, value: &impl Debug) -> String {
    let mut value = format!("{value:?}");
    if let Some((cut, _)) = value.char_indices().nth(80) {
        value.truncate(cut);
    }
    let side = std::any::type_name::<S>().rsplit("::").next().unwrap_or_default();
    format!("{side}: {what} {value}")
}
