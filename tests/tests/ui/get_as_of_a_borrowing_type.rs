use persist_core::{Job, PayloadDecode};

#[derive(PayloadDecode)]
struct Message<'a> {
    sender: &'a str,
}

// The docs of `get_as` quote this error, which the crate cannot change, and name the remedy.
fn read(job: &Job) {
    let _ = job.get_as::<Message<'_>>("category", "key");
}

fn main() {}
