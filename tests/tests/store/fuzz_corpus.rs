//! The corpus of each fuzz target, run through the body of the target.

use persist_core::descriptor::Descriptor;
use persist_tests::fuzzing::{
    DECODERS, Decoders, Decodes, corpus, decode_key, decode_payload, parse_descriptor, store_model,
};

/// The first word of each shape in the text of a descriptor.
const WORDS: [&str; 40] = [
    "str", "bytes", "bool", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128",
    "f32", "f64", "char", "key", "duration", "time", "date", "ip", "ipv4", "ipv6", "socket",
    "uuid", "opt(", "res(", "seq(", "map(", "set(", "lex(", "desc(", "fixed(", "opaque(", "ref(",
    "struct ", "enum ", "()", "default", "\\u{",
];

/// Runs `body` over the files of `fuzz/corpus/<target>`. Returns their contents.
fn replay(target: &str, body: fn(&[u8])) -> Vec<Vec<u8>> {
    let inputs = corpus(target);
    for input in &inputs {
        body(input);
    }
    inputs
}

/// Returns the types that have such a decoder but of which no input is a value.
fn without_a_value(
    inputs: &[Vec<u8>],
    decoder: fn(&Decoders) -> Option<Decodes>,
) -> Vec<&'static str> {
    let types = DECODERS.iter().enumerate().filter(|(ty, decoders)| {
        let is_value = |input: &Vec<u8>, decodes: Decodes| {
            input
                .split_first()
                .is_some_and(|(first, bytes)| usize::from(*first) == *ty && decodes(bytes))
        };
        decoder(decoders)
            .is_some_and(|decodes| !inputs.iter().any(|input| is_value(input, decodes)))
    });
    types.map(|(_, decoders)| decoders.name).collect()
}

#[test]
fn corpus_keys_of_every_type_round_trip() {
    let inputs = replay("decode_key", decode_key);
    assert_eq!(without_a_value(&inputs, |decoders| decoders.is_key), [""; 0]);
}

#[test]
fn corpus_payloads_of_every_type_round_trip() {
    let inputs = replay("decode_payload", decode_payload);
    assert_eq!(without_a_value(&inputs, |decoders| decoders.is_payload), [""; 0]);
}

#[test]
fn corpus_descriptors_contain_every_shape_and_round_trip() {
    let inputs = replay("parse_descriptor", parse_descriptor);
    let texts = inputs.iter().filter_map(|input| str::from_utf8(input).ok());
    let all: String = texts.filter(|text| text.parse::<Descriptor>().is_ok()).collect();
    for word in WORDS {
        assert!(all.contains(word), "{word} is in no descriptor of the corpus");
    }
}

#[test]
fn store_matches_the_model_over_the_corpus() {
    assert!(replay("store_model", store_model).len() >= 24);
}

/// Sequences of calls from a generator with a fixed start (`xorshift64`), more than the corpus has.
#[test]
fn store_matches_the_model_over_generated_calls() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..200 {
        let calls: Vec<u8> = (0..300)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_be_bytes()[0]
            })
            .collect();
        store_model(&calls);
    }
}
