use persist_core::KeyEncode;
use persist_core::fields::KeyPrefix;

#[derive(KeyEncode)]
struct MessageKey {
    channel: String,
    epoch: i64,
}

#[derive(KeyEncode)]
struct Place {
    name: String,
    height: f64,
}

fn main() {
    MessageKey::prefix((7,));
    MessageKey::prefix(("general", 7u64));
    MessageKey::prefix(("general", 7, 1));
    MessageKey::prefix("general");
    MessageKey::prefix(()).range("a".."b");
    MessageKey::prefix(()).starting_with("gen");
    MessageKey::prefix(("general",)).range(1u64..);
    MessageKey::prefix(("general", 7)).range(1..);
    Place::prefix(("tower",)).range(1.0..);
}
