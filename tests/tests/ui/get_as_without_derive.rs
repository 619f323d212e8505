use persist_core::Job;

struct Message;

fn read(job: &Job) {
    let _ = job.get_as::<Message>("category", "key");
}

fn main() {}
