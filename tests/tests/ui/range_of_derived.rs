use persist_core::{Job, KeyEncode, Lex};

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
struct Unclaimed {
    id: u64,
}

#[derive(KeyEncode)]
struct WithoutOrd {
    id: u64,
}

fn read(job: &Job) {
    let _ = job.count("category", Unclaimed { id: 1 }..Unclaimed { id: 2 });
    let _ = job.scan("category", WithoutOrd { id: 1 }..=WithoutOrd { id: 2 });
    let _ = job.count("category", String::from("a")..);
    let _ = job.count("category", ("a", 1u8)..("b", 2u8));
    let _ = job.count("category", Lex(vec!["a"])..);
    let _ = job.count("category", ..1.5);
}

fn main() {}
