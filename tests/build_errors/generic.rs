use persist_core::PayloadEncode;

#[derive(PayloadEncode)]
struct Wrapper<T> {
    value: Box<T>,
}

#[derive(PayloadEncode)]
struct List<T> {
    elements: Vec<Wrapper<T>>,
}

fn main() {
    List { elements: vec![Wrapper { value: Box::new(7u8) }] }.to_payload();
    List { elements: vec![Wrapper { value: Box::new(()) }] }.to_payload();
}
