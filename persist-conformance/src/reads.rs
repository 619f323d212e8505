//! A read sees every write submitted before it, and returns the written values.

use std::collections::BTreeMap;
use std::thread;

use persist_core::{
    Error, Job, Key, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, key, payload,
};

use crate::Fixture;
use crate::rows::{numbers, pairs};

pub fn read_sees_a_hundred_unwaited_puts(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for round in 0..1_000u64 {
        for n in 0..100u64 {
            job.persist_put("c", n, round.to_be_bytes());
        }
        let expected = round.to_be_bytes();
        match round % 4 {
            0 => {
                let rows = job.scan("c", ..).wait().unwrap();
                assert_eq!(rows.len(), 100);
                assert!(rows.iter().all(|row| row.payload() == expected), "round {round}");
            }
            1 => assert_eq!(job.count("c", ..).wait().unwrap(), 100),
            _ => {
                for n in [99u64, 0, 50] {
                    let got = job.get("c", n).wait().unwrap();
                    assert_eq!(got.as_deref(), Some(&expected[..]), "round {round}");
                }
            }
        }
    }
}

/// Each thread has keys of its own in a shared category, and a category of its own in which it deletes ranges. Its
/// reads, of all kinds, are compared with a map.
pub fn eight_threads_read_their_own_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    thread::scope(|scope| {
        for thread in 0..8u64 {
            let job = job.clone();
            scope.spawn(move || write_and_read(&job, thread));
        }
    });
}

fn write_and_read(job: &Job, thread: u64) {
    let own = format!("own {thread}");
    let mut shared_rows = BTreeMap::new();
    let mut own_rows = BTreeMap::new();
    let mut random = thread + 1;
    for step in 0..600u64 {
        // One step of a generator is random enough to mix the calls.
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let n = random >> 40 & 31;
        match random >> 50 & 15 {
            0..=4 => {
                job.persist_put("shared", (thread, n), step.to_be_bytes());
                shared_rows.insert(n, step);
            }
            5..=9 => {
                job.persist_put(&own, n, step.to_be_bytes());
                own_rows.insert(n, step);
            }
            10 => {
                job.persist_delete("shared", (thread, n));
                shared_rows.remove(&n);
            }
            11 | 12 => {
                job.persist_delete_range(&own, n..n + 8);
                own_rows.retain(|kept, _| !(n..n + 8).contains(kept));
            }
            13 => {
                let category = own.clone();
                drop(job.transact(move |tx| tx.persist_put(&category, n, step.to_be_bytes())));
                own_rows.insert(n, step);
            }
            14 => drop(job.sync()),
            _ => assert_eq!(job.count(&own, ..).wait().unwrap(), own_rows.len() as u64),
        }
        let n = random >> 45 & 31;
        let expected = |row: Option<&u64>| row.map(|step| step.to_be_bytes().to_vec());
        let found = job.get("shared", (thread, n)).wait().unwrap();
        assert_eq!(found, expected(shared_rows.get(&n)), "thread {thread}, step {step}");
        let found = job.get_many(&own, [n, n / 2]).wait().unwrap();
        let both = [n, n / 2].map(|n| expected(own_rows.get(&n)));
        assert_eq!(found, both, "thread {thread}, step {step}");
    }
}

pub fn read_sees_writes_of_another_handle(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..100u64 {
        match n % 3 {
            0 => store["job"].persist_put("c", n, b""),
            1 => store.persist_put("job", "c", n, b""),
            _ => job.clone().persist_put("c", n, b""),
        };
        assert!(job.exists("c", n).wait().unwrap());
        assert!(store["job"].exists("c", n).wait().unwrap());
        assert!(store.exists("job", "c", n).wait().unwrap());
    }
}

pub fn read_runs_at_the_wait(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let (get, count, scan) = (job.get("c", "k"), job.count("c", ..), job.scan("c", ..));
    job.persist_put("c", "k", b"1");
    assert_eq!(get.wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(count.wait().unwrap(), 1);
    assert_eq!(scan.clone().wait().unwrap().len(), 1);
    job.persist_put("c", "l", b"2");
    assert_eq!(scan.iter().count(), 2);
}

pub fn owned_read_keeps_its_job_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", 1u64, b"1");
    let (get, scan) = (job.get("c", 1u64).into_owned(), job.scan("c", ..).into_owned());
    drop((store, job));
    assert_eq!(get.wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(numbers(scan), [1]);
}

pub fn read_of_the_wrong_type_returns_a_decode_error_with_its_place(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_encoded("c", "k", "ab");
    let error = job.get_as::<u64>("c", "k").wait().unwrap_err();
    let Error::Decode { place: Some(place), source } = &error else { panic!("{error}") };
    assert_eq!(place.job(), "job");
    assert!(error.to_string().contains("\"job\""), "{error}");
    assert!(source.to_string().contains("u64"), "{source} names what was expected");
    assert_eq!(job.get_as::<String>("c", "k").wait().unwrap().as_deref(), Some("ab"));
}

pub fn read_with_trailing_bytes_returns_a_decode_error(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", payload!(7u64, true));
    assert!(matches!(job.get_as::<u64>("c", "k").wait(), Err(Error::Decode { .. })));
    assert_eq!(job.get_as::<(u64, bool)>("c", "k").wait().unwrap(), Some((7, true)));
}

#[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
struct MessageKey {
    channel: String,
    epoch: i64,
    seq: u64,
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Message {
    sender: String,
    mood: Mood,
    body: Vec<u8>,
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
enum Mood {
    Calm,
    Happy { since: i64 },
}

pub fn typed_reads_return_the_encoded_values(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let message = |seq: u64| Message {
        sender: format!("sender {seq}"),
        mood: if seq.is_multiple_of(2) { Mood::Calm } else { Mood::Happy { since: -7 } },
        body: vec![7; 3],
    };
    for seq in 0..10 {
        let key = MessageKey { channel: "general".into(), epoch: -1, seq };
        job.persist_encoded("msg", &key, &message(seq));
    }
    for (seq, row) in (0..).zip(job.scan_prefix("msg", key!("general")).iter()) {
        let row = row.unwrap();
        let key = MessageKey { channel: "general".into(), epoch: -1, seq };
        assert_eq!(row.key().decode(), Ok(key));
        assert_eq!(row.decode(), Ok(message(seq)));
    }
    let by_tuple = job.get_as("msg", ("general", -1i64, 3u64)).wait().unwrap();
    assert_eq!(by_tuple, Some(message(3)));
}

pub fn exists_of_a_missing_and_an_existing_row_tells_which(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"");
    assert!(job.exists("c", "k").wait().unwrap());
    assert!(!job.exists("c", "l").wait().unwrap());
    assert!(!job.exists("d", "k").wait().unwrap());
}

pub fn empty_keys_categories_and_payloads_are_valid(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("", Key::new(), b"").wait().unwrap();
    job.persist_put("", Key::from_bytes([0]), b"\0");
    job.persist_put("c", Key::new(), b"full");
    store.close_job("job").wait().unwrap();

    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.get("", Key::new()).wait().unwrap(), Some(Vec::new()));
    assert!(job.exists("", Key::new()).wait().unwrap());
    assert_eq!(job.get("c", Key::new()).wait().unwrap().as_deref(), Some(&b"full"[..]));
    assert_eq!(job.count("", ..).wait().unwrap(), 2);
    let rows = job.scan("", ..).wait().unwrap();
    assert_eq!(pairs(&rows), [(vec![], vec![]), (vec![0], vec![0])]);
    assert_eq!(job.scan("", ..).after(Key::new()).wait().unwrap().len(), 1);
    assert_eq!(job.scan("", ..).reverse().after(Key::from_bytes([0])).wait().unwrap().len(), 1);
    assert_eq!(job.categories().wait().unwrap(), [&b""[..], b"c"]);

    assert!(job.delete_acked("", Key::new()).wait().unwrap());
    assert_eq!(job.get("", Key::new()).wait().unwrap(), None);
    job.persist_delete_prefix("", Key::new());
    assert_eq!(job.count("", ..).wait().unwrap(), 0);
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
}

pub fn categories_lists_those_with_rows(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    assert_eq!(job.categories().wait().unwrap(), Vec::<Vec<u8>>::new());
    for category in [&b"b"[..], b"", b"\xFF\xFF", b"a", b"b\0", b"aa"] {
        for n in 0..3u64 {
            job.persist_put(category, n, b"");
        }
    }
    let all = [&b""[..], b"a", b"aa", b"b", b"b\0", b"\xFF\xFF"];
    assert_eq!(job.categories().wait().unwrap(), all);
    job.persist_delete_prefix("a", Key::new());
    job.persist_delete("b", 0u64);
    assert_eq!(job.categories().wait().unwrap(), [&b""[..], b"aa", b"b", b"b\0", b"\xFF\xFF"]);
}

pub fn prefix_delete_leaves_other_jobs_and_categories_alone(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let other = store.open_job("other").wait().unwrap();
    for (job, category) in [(&job, "c"), (&job, "d"), (&other, "c")] {
        for n in 0..10u64 {
            job.persist_put(category, key!("a", n), b"");
            job.persist_put(category, key!("b", n), b"");
        }
    }
    job.persist_delete_prefix("c", key!("a"));
    assert_eq!(job.count("c", ..).wait().unwrap(), 10);
    assert_eq!(job.scan_prefix("c", key!("b")).wait().unwrap().len(), 10);
    assert_eq!(job.count("d", ..).wait().unwrap(), 20);
    assert_eq!(other.count("c", ..).wait().unwrap(), 20);
}
