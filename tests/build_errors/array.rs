use persist_core::KeyEncode;

/// A field that is skipped has no bytes.
#[derive(KeyEncode)]
struct Marker {
    #[key(skip)]
    _skipped: u8,
    _unit: (),
}

#[derive(KeyEncode)]
struct Record([Marker; 2]);

fn main() {
    let marker = |skipped| Marker { _skipped: skipped, _unit: () };
    Record([marker(1), marker(2)]).to_key();
}
