use persist_core::{Payload, PayloadEncode};

#[derive(PayloadEncode)]
struct Inner<T> {
    #[payload(tail)]
    rest: T,
}

/// The derive can't know that `Inner` requires less of its parameter than other types do.
#[derive(PayloadEncode)]
struct Outer<T> {
    #[payload(tail)]
    inner: Inner<T>,
}

fn encode(_: impl PayloadEncode) {}

fn main() {
    encode(Outer { inner: Inner { rest: Payload::from_bytes(b"rest") } });
}
