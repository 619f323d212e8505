use persist_core::Job;

fn read(job: &Job) {
    let _ = job.get("category", b"bytes");
    let _ = job.get("category", vec![1u8, 2]);
}

fn main() {}
