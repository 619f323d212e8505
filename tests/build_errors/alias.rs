use persist_core::PayloadEncode;

type Nothing = ((), ());

#[derive(PayloadEncode)]
struct Record {
    nothings: Box<[Nothing]>,
}

fn main() {
    Record { nothings: Box::new([((), ())]) }.to_payload();
}
