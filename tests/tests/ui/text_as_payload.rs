use persist_core::Job;

fn write(job: &Job) {
    job.persist_put("category", "key", "text");
    job.persist_put("category", "key", String::from("text"));
}

fn main() {}
