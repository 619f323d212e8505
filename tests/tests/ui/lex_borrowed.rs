use persist_core::{KeyDecode, KeyEncode, Lex};

#[derive(KeyEncode, KeyDecode)]
struct Sample<'a> {
    #[key(lex)]
    text: &'a str,
    #[key(lex)]
    bytes: &'a [u8],
    wrapped: Lex<&'a str>,
}

fn main() {}
