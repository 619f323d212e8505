//! The limits of queues and sizes: values within a limit work, and values above it are refused.

use std::ops::Bound;
use std::thread;
use std::time::Duration;

use persist_core::{Committed, Config, Error, Key, Persistency, Ticket, TxOp};

use crate::Fixture;
use crate::rows::numbers;

pub fn writers_with_a_small_queue_all_finish(place: &dyn Fixture) {
    let (_store, job) = place.open_job_with(Config::new().queue_limit_bytes(2_000));
    thread::scope(|scope| {
        for writer in 0..4u64 {
            let job = job.clone();
            scope.spawn(move || {
                for n in 0..300u64 {
                    job.persist_put("c", (writer, n), [0; 500]);
                }
            });
        }
    });
    assert_eq!(job.count("c", ..).wait().unwrap(), 1_200);
}

pub fn batch_larger_than_the_queue_is_admitted_alone(place: &dyn Fixture) {
    let (_store, job) = place.open_job_with(Config::new().queue_limit_bytes(1_000));
    let large = |n: u64| (0..100u64).map(move |row| TxOp::put("c", (n, row), [0; 100]));
    thread::scope(|scope| {
        for n in 0..4 {
            let job = job.clone();
            scope.spawn(move || {
                job.persist_put("c", (n, 1_000u64), b"small");
                job.persist(large(n)).wait().unwrap();
                job.persist_put("c", (n, 1_001u64), b"small").wait().unwrap();
            });
        }
    });
    assert_eq!(job.count("c", ..).wait().unwrap(), 4 * 102);
}

pub fn jobs_with_a_small_total_limit_all_finish(place: &dyn Fixture) {
    let config = Config::new().total_queue_limit_bytes(1_000);
    let store = place.open_with(config).unwrap();
    thread::scope(|scope| {
        for id in ["a", "b", "c"] {
            let job = store.open_job(id).wait().unwrap();
            scope.spawn(move || {
                for n in 0..200u64 {
                    job.persist_put("c", n, [0; 400]);
                }
            });
        }
    });
    for id in ["a", "b", "c"] {
        assert_eq!(store.count(id, "c", ..).wait().unwrap(), 200);
    }
}

fn small(place: &dyn Fixture) -> (Persistency, persist_core::Job) {
    let config = Config::new().key_limit_bytes(10).payload_limit_bytes(20);
    place.open_job_with(config)
}

pub fn oversize_key_is_refused_and_nothing_is_written(place: &dyn Fixture) {
    let (_store, job) = small(place);
    let (fits, too_long) = (Key::from_bytes([1; 10]), Key::from_bytes([1; 11]));
    job.persist_put("c", &fits, b"").wait().unwrap();
    let refused = [
        job.persist_put("c", &too_long, b"").wait().unwrap_err(),
        job.persist_delete("c", &too_long).wait().unwrap_err(),
        job.persist_delete_prefix("c", &too_long).wait().unwrap_err(),
        job.delete_acked("c", &too_long).wait().unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("key") && text.contains("11") && text.contains("10"), "{text}");
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    assert_eq!(job.get("c", &too_long).wait().unwrap(), None, "no row has this key");
}

pub fn range_delete_to_a_longest_key_is_applied(place: &dyn Fixture) {
    let (_store, job) = small(place);
    let longest = |last| Key::from_bytes([&[1; 9][..], &[last]].concat());
    let put = || (0..5).for_each(|last| drop(job.persist_put("c", longest(last), b"")));
    let removed = |ticket: Ticket<Committed>| ticket.wait().unwrap().removed;
    put();
    assert_eq!(removed(job.persist_delete_range("c", longest(1)..=longest(2))), 2);
    put();
    let after = (Bound::Excluded(longest(2)), Bound::Unbounded);
    assert_eq!(removed(job.persist([TxOp::delete_range("c", after)])), 2);
    put();
    assert_eq!(removed(job.persist_delete_within("c", longest(3), ..)), 1);
    let within = TxOp::delete_within("c", Key::from_bytes([1; 9]), ..=Key::from_bytes([2]));
    assert_eq!(removed(job.submit([within]).wait().unwrap()), 3);
    put();
    let range = longest(0)..=longest(3);
    assert_eq!(job.transact(move |tx| tx.persist_delete_range("c", range)).wait().unwrap(), 4);
    assert_eq!(job.count("c", ..=longest(4)).wait().unwrap(), 1);
    let too_long = Key::from_bytes([1; 12]);
    let refused = job.persist_delete_range("c", ..too_long).wait();
    assert!(matches!(refused, Err(Error::InvalidArgument { .. })), "{refused:?}");
}

pub fn oversize_category_is_refused(place: &dyn Fixture) {
    let (_store, job) = small(place);
    job.persist_put([b'c'; 10], 1u64, b"").wait().unwrap();
    let error = job.persist_put([b'c'; 11], 1u64, b"").wait().unwrap_err();
    assert!(matches!(&error, Error::InvalidArgument { reason } if reason.contains("category")));
    assert_eq!(job.categories().wait().unwrap(), [[b'c'; 10]]);
}

pub fn oversize_payload_is_refused_and_nothing_is_written(place: &dyn Fixture) {
    let (_store, job) = small(place);
    job.persist_put("c", 1u64, [7; 20]).wait().unwrap();
    let error = job.persist_put("c", 1u64, [8; 21]).wait().unwrap_err();
    assert!(matches!(&error, Error::InvalidArgument { reason } if reason.contains("payload")));
    assert_eq!(job.get("c", 1u64).wait().unwrap(), Some(vec![7; 20]));
}

pub fn oversize_operation_refuses_its_whole_batch(place: &dyn Fixture) {
    let (_store, job) = small(place);
    job.persist_put("c", 1u64, b"");
    let refused = job.persist([
        TxOp::put("c", 2u64, b""),
        TxOp::delete("c", 1u64),
        TxOp::put("c", 3u64, [0; 21]),
    ]);
    assert!(matches!(refused.wait(), Err(Error::InvalidArgument { .. })));
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub fn invalid_settings_are_refused(place: &dyn Fixture) {
    let settings = [
        Config::new().queue_limit_bytes(0),
        Config::new().total_queue_limit_bytes(0),
        Config::new().reader_threads(0),
        Config::new().snapshot_timeout(Duration::ZERO),
        Config::new().key_limit_bytes((16 << 20) + 1),
        Config::new().payload_limit_bytes((512 << 20) + 1),
    ];
    for config in settings {
        let refused = place.open_with(config.clone());
        assert!(matches!(refused, Err(Error::InvalidArgument { .. })), "{config:?}");
    }
}

pub fn limits_above_the_maximum_are_refused(place: &dyn Fixture) {
    if place.backend().limits().row_key_bytes < (16 << 20) + 1 {
        return;
    }
    let (_store, job) = place.open_job();
    let longest = Key::from_bytes(vec![1; 16 << 20]);
    let too_long = Key::from_bytes(vec![1; (16 << 20) + 1]);
    job.persist_put("c", &longest, b"1").wait().unwrap();
    assert!(matches!(
        job.persist_put("c", &too_long, b"").wait(),
        Err(Error::InvalidArgument { .. })
    ));
    assert_eq!(job.get("c", &longest).wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
}

pub fn payload_of_several_mebibytes_is_read_back(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let length = u32::try_from(
        place.backend().limits().payload_bytes.min(place.backend().limits().batch_bytes / 2),
    )
    .unwrap_or(u32::MAX)
    .min(5_000_000);
    let payload: Vec<u8> = (0..length).map(|n| n.to_le_bytes()[(n % 4) as usize]).collect();
    job.persist_put("c", 1u64, &payload);
    job.persist_put("c", 2u64, b"small");
    assert!(job.get("c", 1u64).wait().unwrap().as_deref() == Some(&payload[..]));
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    let rows = job.scan("c", ..).wait().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.first().unwrap().payload() == payload);
}

pub fn keys_of_up_to_a_mebibyte_are_read_back(place: &dyn Fixture) {
    if place.backend().limits().row_key_bytes < (1 << 20) + 1 {
        return;
    }
    let (_store, job) = place.open_job();
    let lengths = [65_534, 65_535, 65_536, 1 << 20];
    for length in lengths {
        job.persist_put("c", Key::from_bytes(vec![7; length]), length.to_be_bytes());
    }
    for length in lengths {
        let got = job.get("c", Key::from_bytes(vec![7; length])).wait().unwrap();
        assert_eq!(got, Some(length.to_be_bytes().to_vec()));
    }
    let scan = job.scan("c", ..).wait().unwrap();
    let found: Vec<usize> = scan.iter().map(|row| row.key().as_bytes().len()).collect();
    assert_eq!(found, lengths, "a key sorts before the longer keys that it begins");
    job.persist_delete_prefix("c", Key::from_bytes(vec![7; 65_536]));
    assert_eq!(job.count("c", ..).wait().unwrap(), 2);
}
