use persist_core::{Job, Key, KeyEncode, Payload, key, payload};

struct Channel;

fn join(key: &Key, payload: &Payload) {
    let _ = key!("general", Channel);
    let _ = payload!(Channel, true);
    let _ = key.decode::<Channel>();
    let _ = payload.decode::<Channel>();
    let _ = (1u8, Channel).to_key();
}

fn store(job: &Job) {
    let _ = job.get("category", &Channel);
    let _ = job.persist_encoded("category", "key", &Channel);
    let _ = job.get("category", ("general", Channel));
    let _ = job.get("category", Key::new()..);
}

fn main() {}
