//! The corpus of each fuzz target, replayed through its body.

use std::fs;
use std::path::Path;

use persist_tests::fuzzing::{TYPES, decode_key, decode_payload, store_model};

/// Runs `body` over the files of `fuzz/corpus/<target>`; gives their contents.
fn replay(target: &str, body: fn(&[u8])) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let inputs: Vec<Vec<u8>> = files
        .map(|file| {
            fs::read(file.expect("an entry of the corpus").path()).expect("a file of the corpus")
        })
        .collect();
    for input in &inputs {
        body(input);
    }
    inputs
}

/// Whether the first bytes of the inputs choose every type.
fn chooses_all_types(inputs: &[Vec<u8>]) -> bool {
    (0..TYPES).all(|ty| {
        inputs.iter().any(|input| input.first().map(|first| usize::from(*first)) == Some(ty))
    })
}

#[test]
fn keys_of_every_type_in_the_corpus_decode_to_what_encodes_to_them() {
    assert!(chooses_all_types(&replay("decode_key", decode_key)));
}

#[test]
fn payloads_of_every_type_in_the_corpus_decode_to_what_encodes_to_them() {
    assert!(chooses_all_types(&replay("decode_payload", decode_payload)));
}

#[test]
fn the_store_gives_what_the_model_gives_over_the_corpus() {
    assert!(replay("store_model", store_model).len() >= 24);
}

/// Sequences of calls from a generator with a fixed start (`xorshift64`): more than the corpus has.
#[test]
fn the_store_gives_what_the_model_gives_over_generated_calls() {
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
