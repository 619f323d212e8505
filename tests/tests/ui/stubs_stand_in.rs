//! Each type has one mistake. Its uses add no further errors.

use persist_core::{Job, KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode, key, payload};

#[derive(KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
struct Wrong<T> {
    #[key(lexical)]
    channel: T,
}

#[derive(KeyEncode, KeyDecode, KeyOrd)]
struct AlsoWrong {
    #[key(skip, tail)]
    channel: u64,
}

#[derive(PayloadEncode, PayloadDecode)]
struct Message<'a> {
    #[payload(lex)]
    text: &'a str,
}

#[derive(KeyEncode, KeyDecode)]
struct Holder {
    inner: Wrong<u64>,
    last: Wrong<u8>,
}

struct NoKey;

#[derive(KeyEncode, KeyOrd)]
struct WrongField {
    id: NoKey,
}

fn use_field(job: &Job, wrong: &WrongField) {
    let _ = job.get("category", key!(wrong, 7u64));
    let _ = job.count("category", wrong..);
}

fn use_them(job: &Job, wrong: &Wrong<u64>, also: &AlsoWrong) {
    let _ = job.get("category", wrong);
    let _ = job.get("category", key!(wrong, also, 7u64));
    let _ = job.count("category", wrong..wrong);
    let _ = job.count("category", also..also);
    let _ = job.persist_encoded("category", also, &Message { text: "" });
    let _ = payload!(Message { text: "" }, true).decode::<(Message<'_>, bool)>();
    let _ = key!(7u64).decode::<Wrong<u64>>();
    let _ = wrong == wrong && also < also;
}

fn main() {}
