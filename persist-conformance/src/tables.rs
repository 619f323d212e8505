//! Typed tables: their rows, and the catalog of the shapes that were written.

use std::thread;

use persist_core::port::{Category, OpenOptions};
use persist_core::table::{Table, TableDefinition};
use persist_core::{
    Error, KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode, TxOp, key, payload,
};

use crate::Fixture;

#[derive(KeyEncode, KeyDecode, KeyOrd, Debug, Clone)]
struct MessageKey {
    channel: String,
    epoch: i64,
    sequence: u64,
}

#[derive(PayloadEncode, PayloadDecode, Debug, Clone, PartialEq)]
struct Message {
    sender: String,
    text: String,
}

/// A later version of [`Message`], which reads its rows.
#[derive(PayloadEncode, PayloadDecode, Debug, Clone, PartialEq)]
struct GrownMessage {
    author: String,
    text: String,
    #[payload(default)]
    likes: u32,
}

/// A version of [`Message`] that doesn't read its rows.
#[derive(PayloadEncode, PayloadDecode, Debug, Clone, PartialEq)]
struct OtherMessage {
    sender: u64,
    text: String,
}

const MESSAGES: TableDefinition<MessageKey, Message> = TableDefinition::new("msg");
const GROWN: TableDefinition<MessageKey, GrownMessage> = TableDefinition::new("msg");
const OTHER: TableDefinition<MessageKey, OtherMessage> = TableDefinition::new("msg");
const OTHER_KEY: TableDefinition<u64, Message> = TableDefinition::new("msg");
const NUMBERS: TableDefinition<String, u64> = TableDefinition::new("numbers");
const RAW: TableDefinition<String, u64> = TableDefinition::new("raw").adopt();

fn key(channel: &str, epoch: i64, sequence: u64) -> MessageKey {
    MessageKey { channel: channel.into(), epoch, sequence }
}

fn message(text: &str) -> Message {
    Message { sender: "ann".into(), text: text.into() }
}

/// Puts messages of two channels, three epochs and two numbers each.
fn fill(messages: &Table<MessageKey, Message>) {
    for channel in ["general", "random"] {
        for epoch in 1..=3 {
            for sequence in 1..=2 {
                let text = format!("{channel} {epoch} {sequence}");
                messages.put((channel, epoch, sequence), &message(&text));
            }
        }
    }
}

fn texts(rows: Result<Vec<(MessageKey, Message)>, Error>) -> Vec<String> {
    rows.unwrap().into_iter().map(|(_, message)| message.text).collect()
}

/// Returns the catalog's entry of a table of a job that isn't open.
fn entry(place: &dyn Fixture, table: &str) -> Option<Vec<u8>> {
    let job = place.backend().open_job("job", &OpenOptions::default()).unwrap();
    let entry = job.reader.get(Category::system(b"tables"), table.as_bytes()).unwrap();
    job.reader.close();
    job.writer.close().unwrap();
    entry
}

pub fn typed_rows_are_read_back(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    assert_eq!(messages.name(), "msg");
    let ticket = messages.put(&key("general", 1, 1), &message("hi"));
    assert_eq!(ticket.wait().unwrap().removed, 0);
    assert_eq!(messages.get(("general", 1, 1)).wait().unwrap(), Some(message("hi")));
    assert_eq!(messages.get(&key("general", 1, 2)).wait().unwrap(), None);
    assert!(messages.contains_key(("general", 1, 1)).wait().unwrap());
    let many = messages.get_many([("general", 1, 2), ("general", 1, 1)]).wait().unwrap();
    assert_eq!(many, [None, Some(message("hi"))]);
    messages.put(("general", 1, 1), &message("again"));
    assert_eq!(messages.get(("general", 1, 1)).wait().unwrap(), Some(message("again")));
    // The table is a category, whose rows can be read as bytes.
    assert_eq!(
        job.get_as("msg", key!("general", 1i64, 1u64)).wait().unwrap(),
        Some(message("again"))
    );
    assert!(messages.remove(("general", 1, 1)).wait().unwrap());
    assert!(!messages.remove(("general", 1, 1)).wait().unwrap());
    assert_eq!(messages.rows().count().wait().unwrap(), 0);
}

pub fn typed_prefixes_and_ranges_return_rows_in_key_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    fill(&messages);
    let general = || messages.prefix(("general",));
    assert_eq!(general().count().wait().unwrap(), 6);
    let of_two = ["general 2 1", "general 2 2"];
    assert_eq!(texts(messages.prefix(("general", 2)).wait()), of_two);
    assert_eq!(texts(general().range(2..3).wait()), of_two);
    assert_eq!(texts(general().range(2..=2).collect().wait()), of_two);
    let newest = general().range(2..).reverse().limit(3);
    assert_eq!(texts(newest.wait()), ["general 3 2", "general 3 1", "general 2 2"]);
    let older = general().reverse().after(("general", 2, 2)).limit(2);
    assert_eq!(texts(older.wait()), ["general 2 1", "general 1 2"]);
    // Shorter text sorts first, so this is the last key.
    assert_eq!(messages.range(key("general", 3, 2)..).count().wait().unwrap(), 1);
    let all: Vec<String> = messages.rows().iter().map(|row| row.unwrap().1.text).collect();
    assert_eq!((all.len(), &*all[0], &*all[11]), (12, "random 1 1", "general 3 2"));
    let removed = messages.remove_range(..=key("general", 1, 2));
    assert_eq!(removed.wait().unwrap().removed, 8);
    assert_eq!(messages.rows().committed().count().wait().unwrap(), 4);
    assert_eq!(messages.remove_prefix(("general", 3)).wait().unwrap().removed, 2);
    assert_eq!(texts(messages.rows().wait()), of_two);
}

pub fn updates_of_four_threads_lose_none(place: &dyn Fixture) {
    const COUNTERS: TableDefinition<String, u64> = TableDefinition::new("counters");
    let (_store, job) = place.open_job();
    let counters = job.table(&COUNTERS).wait().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    counters.update(("n",), |n| Some(n.unwrap_or(0) + 1));
                }
            });
        }
    });
    assert_eq!(counters.get(("n",)).wait().unwrap(), Some(100));
    assert_eq!(counters.update(("n",), |_| None).wait().unwrap(), None);
    assert!(!counters.contains_key(("n",)).wait().unwrap());
    assert_eq!(counters.update(("n",), |n| n).wait().unwrap(), None);
}

pub fn first_write_enters_the_shapes_and_an_open_does_not(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.table(&MESSAGES).wait().unwrap();
    store.close().wait().unwrap();
    assert_eq!(entry(place, "msg"), None);
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("hi")).wait().unwrap();
    assert_eq!(job.categories().wait().unwrap(), [b"msg"]);
    store.close().wait().unwrap();
    let first = entry(place, "msg").unwrap();
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 2), &message("hi")).wait().unwrap();
    store.close().wait().unwrap();
    assert_eq!(entry(place, "msg").unwrap(), first);
}

pub fn grown_type_reads_old_rows_and_the_old_type_no_new_ones(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("old")).wait().unwrap();
    store.close().wait().unwrap();

    let (store, job) = place.open_job();
    let grown = job.table(&GROWN).wait().unwrap();
    let read = grown.get(("general", 1, 1)).wait().unwrap().unwrap();
    assert_eq!((&*read.author, read.likes), ("ann", 0));
    store.close().wait().unwrap();

    // The new program has written nothing, so the old one goes on.
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 2), &message("old")).wait().unwrap();
    store.close().wait().unwrap();

    let (store, job) = place.open_job();
    let grown = job.table(&GROWN).wait().unwrap();
    let new = GrownMessage { author: "bob".into(), text: "new".into(), likes: 7 };
    grown.put(("general", 1, 3), &new).wait().unwrap();
    assert_eq!(grown.rows().wait().unwrap().len(), 3);
    store.close().wait().unwrap();

    let (_store, job) = place.open_job();
    let refused = job.table(&MESSAGES).wait().unwrap_err();
    assert!(
        matches!(&refused, Error::IncompatibleTable { table, .. } if table == "msg"),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("likes"), "{refused}");
    assert_eq!(job.table(&GROWN).wait().unwrap().rows().wait().unwrap().len(), 3);
}

pub fn table_of_other_types_is_refused_and_stays_as_it_is(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("hi")).wait().unwrap();
    store.close().wait().unwrap();
    let before = entry(place, "msg");

    let (store, job) = place.open_job();
    let refused = job.table(&OTHER).wait().unwrap_err();
    assert!(refused.to_string().contains("sender"), "{refused}");
    let refused = job.table(&OTHER_KEY).wait().unwrap_err();
    assert!(refused.to_string().contains("its keys"), "{refused}");
    let messages = job.table(&MESSAGES).wait().unwrap();
    assert_eq!(messages.get(("general", 1, 1)).wait().unwrap(), Some(message("hi")));
    store.close().wait().unwrap();
    assert_eq!(entry(place, "msg"), before);
}

pub fn rows_without_a_table_are_refused_unless_they_are_adopted(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_encoded("msg", key!("general", 1i64, 1u64), &message("raw")).wait().unwrap();
    let refused = job.table(&MESSAGES).wait().unwrap_err();
    assert!(refused.to_string().contains(".adopt()"), "{refused}");
    let messages = job.table(&MESSAGES.adopt()).wait().unwrap();
    assert_eq!(messages.get(("general", 1, 1)).wait().unwrap(), Some(message("raw")));

    job.persist_put("raw", "key", b"not a number").wait().unwrap();
    let refused = job.table(&RAW).wait().unwrap_err();
    assert!(refused.to_string().contains("not of its types"), "{refused}");
}

pub fn process_has_one_definition_of_a_table(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    let again = job.clone().table(&MESSAGES).wait().unwrap();
    again.put(("general", 1, 1), &message("hi"));
    assert_eq!(messages.rows().wait().unwrap().len(), 1);
    let refused = job.table(&GROWN).wait().unwrap_err();
    assert!(matches!(refused, Error::InvalidArgument { .. }), "{refused:?}");
}

pub fn write_by_an_older_program_after_a_newer_one_is_refused_alone(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("old")).wait().unwrap();
    let newer = place.open();
    let newer_job = match newer.open_job("job").wait() {
        Ok(job) => job,
        // This backend opens a job only once.
        Err(Error::Busy { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let grown = newer_job.table(&GROWN).wait().unwrap();
    let new = GrownMessage { author: "bob".into(), text: "new".into(), likes: 7 };
    grown.put(("general", 1, 2), &new).wait().unwrap();
    let tickets: Vec<_> = (3..6)
        .map(|n| {
            (messages.put(("general", 1, n), &message("older")), job.persist_put("raw", n, b""))
        })
        .collect();
    for (refused, raw) in tickets {
        let refused = refused.wait().unwrap_err();
        assert!(matches!(refused, Error::IncompatibleTable { .. }), "{refused:?}");
        raw.wait().unwrap();
    }
    let refused = job.transact(|tx| {
        tx.persist_put("raw", 9u64, b"")?;
        tx.persist_encoded("msg", key!("general", 1i64, 9u64), &message("older"))
    });
    let refused = refused.wait().unwrap_err();
    assert!(matches!(refused, Error::IncompatibleTable { .. }), "{refused:?}");
    // A removal writes no shape.
    assert!(messages.remove(("general", 1, 1)).wait().unwrap());
    assert_eq!(grown.rows().wait().unwrap().len(), 1);
    assert_eq!(job.count("raw", ..).wait().unwrap(), 3);
}

pub fn batches_and_transactions_enter_shapes_too(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.table(&MESSAGES).wait().unwrap();
    let row = TxOp::put("msg", key!("general", 1i64, 1u64), payload!(message("hi")));
    job.persist([row, TxOp::put("raw", "k", b"")]).wait().unwrap();
    store.close().wait().unwrap();
    let by_batch = entry(place, "msg").unwrap();
    place.backend().drop_job("job").unwrap();

    let (store, job) = place.open_job();
    job.table(&MESSAGES).wait().unwrap();
    let failed = job.transact(|tx| {
        tx.persist_encoded("msg", key!("general", 1i64, 1u64), &message("hi"))?;
        Err::<(), _>(Error::invalid_argument("the transaction is rolled back"))
    });
    failed.wait().unwrap_err();
    job.transact(|tx| tx.persist_encoded("msg", key!("general", 1i64, 1u64), &message("hi")))
        .wait()
        .unwrap();
    store.close().wait().unwrap();
    assert_eq!(entry(place, "msg").unwrap(), by_batch);
}

pub fn refused_batch_enters_no_shape_of_another_table(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("old")).wait().unwrap();
    job.table(&NUMBERS).wait().unwrap();
    let newer = place.open();
    let newer_job = match newer.open_job("job").wait() {
        Ok(job) => job,
        // This backend opens a job only once.
        Err(Error::Busy { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let grown = newer_job.table(&GROWN).wait().unwrap();
    let new = GrownMessage { author: "bob".into(), text: "new".into(), likes: 7 };
    grown.put(("general", 1, 2), &new).wait().unwrap();
    let both = [
        TxOp::put("numbers", key!("n"), payload!(7u64)),
        TxOp::put("msg", key!("general", 1i64, 3u64), payload!(message("older"))),
    ];
    let refused = job.persist(both).wait().unwrap_err();
    assert!(matches!(refused, Error::IncompatibleTable { .. }), "{refused:?}");
    store.close().wait().unwrap();
    newer.close().wait().unwrap();
    assert_eq!(entry(place, "numbers"), None);
}

pub fn table_of_a_subscript_ends_with_the_job_that_was_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let messages = store["job"].table(&MESSAGES).wait().unwrap();
    messages.put(("general", 1, 1), &message("hi")).wait().unwrap();
    assert!(messages.job().same_job(&job));
    drop(job);
    store.close_job("job").wait().unwrap();
    store.open_job("job").wait().unwrap();
    let refused = messages.put(("general", 1, 2), &message("late")).wait().unwrap_err();
    assert!(matches!(refused, Error::Closed { .. }), "{refused:?}");
    let messages = store["job"].table(&MESSAGES).wait().unwrap();
    assert_eq!(messages.rows().wait().unwrap().len(), 1);
}

pub fn copy_of_a_job_has_its_tables(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let messages = job.table(&MESSAGES).wait().unwrap();
    fill(&messages);
    let copy = store.open_job("copy").wait().unwrap();
    assert_eq!(job.copy_to(&copy).wait().unwrap(), 12);
    let refused = copy.table(&OTHER).wait().unwrap_err();
    assert!(matches!(refused, Error::IncompatibleTable { .. }), "{refused:?}");
    assert_eq!(copy.table(&MESSAGES).wait().unwrap().rows().wait().unwrap().len(), 12);
    assert_eq!(copy.categories().wait().unwrap(), [b"msg"]);
}
