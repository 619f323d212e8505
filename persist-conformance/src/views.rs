//! The ends of a range, many keys at once, several reads of one snapshot, and reads that don't wait.

use std::sync::mpsc::channel;
use std::thread;

use persist_core::{Error, Key, PayloadDecode, PayloadEncode, RowBuf, TxOp, key};

use crate::Fixture;
use crate::runtime::block_on;

pub fn first_and_last_equal_the_ends_of_a_scan(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    assert!(job.first("c", ..).wait().unwrap().is_none());
    for n in 0..2_500u64 {
        job.persist_encoded("c", n, &n);
    }
    let number = |row: Option<RowBuf>| row.map(|row| row.decode::<u64>().unwrap());
    assert_eq!(number(job.first("c", ..).wait().unwrap()), Some(0));
    assert_eq!(number(job.last("c", ..).wait().unwrap()), Some(2_499));
    assert_eq!(number(job.first("c", 7u64..9).wait().unwrap()), Some(7));
    assert_eq!(number(job.last("c", 7u64..9).wait().unwrap()), Some(8));
    assert_eq!(number(job.last("c", 9u64..9).wait().unwrap()), None);
    assert_eq!(number(block_on(job.last("c", ..5u64)).unwrap()), Some(4));
}

pub fn get_many_returns_payloads_in_the_order_of_the_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in (0..100u64).step_by(2) {
        job.persist_encoded("c", n, &n);
    }
    let asked = [98u64, 1, 0, 0, 100, 50];
    let expected = [Some(98u64), None, Some(0), Some(0), None, Some(50)];
    let found = job.get_many("c", asked).wait().unwrap();
    let found: Vec<Option<u64>> = found
        .into_iter()
        .map(|payload| payload.map(|bytes| u64::from_payload_bytes(&bytes).unwrap()))
        .collect();
    assert_eq!(found, expected);
    assert!(job.get_many("c", [0u64; 0]).wait().unwrap().is_empty());
    assert_eq!(block_on(job.get_many("c", ["absent"])).unwrap(), [None]);
}

pub fn reads_of_one_view_see_one_snapshot(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_encoded("c", "a", &0u64);
    job.persist_encoded("c", "b", &0u64);
    let writer = {
        let job = job.clone();
        thread::spawn(move || {
            for n in 1..=300u64 {
                let both =
                    [TxOp::put("c", "a", n.to_payload()), TxOp::put("c", "b", n.to_payload())];
                job.persist(both).wait().unwrap();
            }
        })
    };
    loop {
        let (a, rows, b) = job
            .read(|at| {
                let a: Option<u64> = at.get_as("c", "a")?;
                let rows = at.scan("c", ..).rows()?;
                Ok((a, rows, at.get_as("c", "b")?))
            })
            .wait()
            .unwrap();
        assert_eq!(a, b);
        let in_scan: Vec<u64> = rows.iter().map(|row| row.decode().unwrap()).collect();
        assert_eq!(in_scan, [a.unwrap(); 2]);
        if a == Some(300) {
            break;
        }
    }
    writer.join().unwrap();
}

pub fn view_reads_the_same_rows_as_the_job(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..2_500u64 {
        job.persist_encoded("c", n, &n);
    }
    job.persist_put("other", "k", b"");
    let borrowed = String::from("other");
    let read = job.read(|at| {
        assert_eq!(at.get_as::<u64>("c", 7u64)?, Some(7));
        assert!(at.exists(&borrowed, "k")? && !at.exists(&borrowed, "l")?);
        assert_eq!(at.count("c", 10u64..20)?, 10);
        assert_eq!(at.categories()?, [&b"c"[..], b"other"]);
        let mut seen = 0;
        for row in at.scan_prefix("c", Key::new()).iter() {
            let n: u64 = row?.key().decode()?;
            assert_eq!(n, seen);
            assert!(at.exists("c", n)?);
            seen += 1;
        }
        Ok(seen)
    });
    assert_eq!(read.wait().unwrap(), 2_500);
    let last = job.read(|at| {
        let rows = at.scan("c", ..).reverse().limit(1).rows()?;
        Ok(rows.first().map(|row| row.key().to_owned()))
    });
    assert_eq!(block_on(last).unwrap(), Some(key!(2_499u64)));
}

pub fn view_read_of_the_wrong_type_returns_a_decode_error(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"not a number");
    let error = job.read(|at| at.get_as::<u64>("c", "k")).wait().unwrap_err();
    assert!(matches!(&error, Error::Decode { place: Some(_), .. }), "{error}");
}

pub fn committed_read_waits_for_no_write(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"1").wait().unwrap();
    let (release, held) = channel();
    drop(job.transact(move |tx| {
        held.recv().unwrap();
        tx.persist_put("c", "k", b"2")
    }));
    // Each of these would wait forever if it waited for the transaction.
    assert_eq!(job.get("c", "k").committed().wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert!(block_on(job.exists("c", "k").committed().offload()).unwrap());
    assert_eq!(job.scan("c", ..).committed().wait().unwrap().first().unwrap().payload(), b"1");
    let rows = job.scan("c", ..).committed().iter();
    assert_eq!(rows.map(|row| row.unwrap().payload().to_vec()).collect::<Vec<_>>(), [b"1"]);
    release.send(()).unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"2"[..]));
}

pub fn offloaded_read_equals_an_inline_one(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"1");
    assert_eq!(
        block_on(job.get("c", "k").offload()).unwrap(),
        block_on(job.get("c", "k")).unwrap()
    );
    assert_eq!(job.get("c", "k").offload().wait().unwrap().as_deref(), Some(&b"1"[..]));
}
