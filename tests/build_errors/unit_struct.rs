use persist_core::PayloadEncode;

#[derive(PayloadEncode)]
struct Marker;

#[derive(PayloadEncode)]
struct Record {
    markers: Vec<Marker>,
}

fn main() {
    Record { markers: vec![Marker, Marker] }.to_payload();
}
