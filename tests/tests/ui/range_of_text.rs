use persist_core::Job;

fn read(job: &Job) {
    let _ = job.count("category", "a".."b");
    let _ = job.scan("category", 7u64);
}

fn main() {}
