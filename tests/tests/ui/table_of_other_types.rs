use persist_core::table::{Table, TableDefinition};
use persist_core::{KeyEncode, PayloadEncode};

#[derive(KeyEncode)]
struct Written(u64);

#[derive(PayloadEncode)]
struct NotRead(u64);

const NOT_READ: TableDefinition<Written, NotRead> = TableDefinition::new("a");

fn open(job: &persist_core::Job) {
    let _ = job.table(&NOT_READ);
}

fn use_it(numbers: &Table<(String, i64), u64>) {
    numbers.put(("a",), &1);
    numbers.put(("a", 1u64), &1);
    numbers.put(("a", 1), &"text");
    numbers.get((1, 2));
    numbers.range(1..2);
    numbers.prefix((1,));
    numbers.prefix(("a",)).range("b"..);
    numbers.prefix(("a", 1)).range(2..);
}

fn main() {}
