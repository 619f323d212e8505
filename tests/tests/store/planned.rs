//! Groups that the engine plans, because the job has system rows: their outcomes when a commit fails.

use std::thread;
use std::time::Duration;

use persist_core::error::Place;
use persist_core::port::{Backend, Category, Commit, Group, Op, OpenOptions, OpenedJob};
use persist_core::{Committed, Config, Error, Job, Persistency, Ticket};
use persist_tests::scripted::{Answer, Scripted};

/// The row with the number of the last batch, as the engine keeps it.
const LAST_BATCH: (Category<'_>, &[u8]) = (Category::system(b"batches"), b"last");

/// Opens a job whose batches have numbers, and commits the first one.
fn open(backend: &Scripted) -> (Persistency, Job) {
    write_last_batch(backend, &0u64.to_be_bytes());
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "before", b"").wait().unwrap();
    (store, job)
}

fn write_last_batch(backend: &Scripted, payload: &[u8]) {
    let mut opened = backend.open_job("job", &OpenOptions::default()).unwrap();
    let (category, key) = LAST_BATCH;
    let group = Group::planned(&[Op::Put { category, key, payload }]);
    assert!(matches!(opened.writer.commit(&group), Commit::Resolved(_)));
    opened.reader.close();
    opened.writer.close().unwrap();
}

/// Closes the store, and returns the number of its job's last batch.
fn last_batch(backend: &Scripted, store: &Persistency) -> u64 {
    // A failure that a ticket has not reported is no matter here.
    let _ = store.close().wait();
    let OpenedJob { reader, writer } = backend.open_job("job", &OpenOptions::default()).unwrap();
    let (category, key) = LAST_BATCH;
    let last = reader.get(category, key).unwrap().unwrap();
    reader.close();
    writer.close().unwrap();
    u64::from_be_bytes(last.try_into().unwrap())
}

/// Submits three puts, which form one group, and returns their outcomes. The answers begin with that to the group.
fn outcomes_of_a_group(
    backend: &Scripted,
    job: &Job,
    answers: impl IntoIterator<Item = Answer>,
) -> Vec<Result<Committed, Error>> {
    let (release, before) = (backend.hold(), backend.groups().len());
    job.persist_put("c", "first", b"");
    while backend.groups().len() == before {
        thread::yield_now();
    }
    let tickets: Vec<_> = (0..3u64).map(|n| job.persist_put("c", n, b"")).collect();
    backend.then(Answer::Apply);
    answers.into_iter().for_each(|answer| backend.then(answer));
    release.send(()).unwrap();
    tickets.into_iter().map(Ticket::wait).collect()
}

#[test]
fn planned_group_without_space_is_committed_batch_by_batch() {
    let backend = Scripted::without_transactions();
    let (store, job) = open(&backend);
    // The answers to the group, and to each of its batches.
    let answers = [Answer::DiskFull, Answer::Apply, Answer::DiskFull, Answer::Apply];
    let outcomes = outcomes_of_a_group(&backend, &job, answers);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(Error::DiskFull { .. })), "{outcomes:?}");
    assert_eq!(job.count("c", ..).wait().unwrap(), 4);
    // One before, the held one, and two of the three.
    assert_eq!(last_batch(&backend, &store), 4);
}

#[test]
fn planned_group_in_doubt_is_applied_once() {
    for applied in [false, true] {
        let backend = Scripted::without_transactions();
        let (store, job) = open(&backend);
        backend.then(Answer::InDoubt { applied });
        assert_eq!(job.persist_put("c", "k", b"").wait().unwrap().removed, 0);
        backend.then(Answer::InDoubt { applied });
        assert!(job.delete_acked("c", "k").wait().unwrap());
        assert_eq!(last_batch(&backend, &store), 3);
    }
}

#[test]
fn planned_group_with_an_unknown_outcome_fails_the_job() {
    let backend = Scripted::without_transactions();
    let (store, job) = open(&backend);
    backend.then(Answer::Unknown);
    let unknown = job.persist_put("c", "k", b"").wait();
    assert!(matches!(unknown, Err(Error::Unknown { .. })), "{unknown:?}");
    let later = job.persist_put("c", "l", b"").wait();
    assert!(matches!(later, Err(Error::Failed { .. })), "{later:?}");
    assert_eq!(last_batch(&backend, &store), 1);
}

#[test]
fn system_row_that_cannot_be_decoded_is_damage_and_refuses_writes() {
    for backend in [Scripted::new(), Scripted::without_transactions()] {
        write_last_batch(&backend, b"short");
        let store = Persistency::open(backend.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for _ in 0..2 {
            let refused = job.persist_put("c", "k", b"").wait();
            assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
            let refused = job.transact(|tx| tx.persist_put("c", "k", b"")).wait();
            assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
        }
        assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    }
}

#[test]
fn planned_group_of_many_batches_delays_no_close_that_is_overdue() {
    let backend = Scripted::without_transactions();
    write_last_batch(&backend, &0u64.to_be_bytes());
    let config = Config::new().close_timeout(Duration::from_millis(20));
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "before", b"").wait().unwrap();
    backend.then(Answer::BusyForEver(Duration::from_millis(1)));
    let tickets: Vec<_> = (0..1_000u64).map(|n| job.persist_put("c", n, b"")).collect();
    store.close().wait().unwrap_err();
    for ticket in tickets {
        let busy = ticket.wait();
        assert!(matches!(busy, Err(Error::Busy { .. })), "{busy:?}");
    }
    assert!(backend.groups().len() < 100, "{} calls", backend.groups().len());
}

#[test]
fn panic_while_planned_writes_are_committed_makes_their_batches_unknown() {
    let backend = Scripted::without_transactions();
    let (store, job) = open(&backend);
    backend.then(Answer::Panic);
    let tickets = [job.persist_put("c", 1u64, b""), job.persist_put("c", 2u64, b"")];
    let [first, second] = tickets.map(|ticket| ticket.wait().unwrap_err());
    assert!(matches!(first, Error::Panicked { .. } | Error::Unknown { .. }), "{first:?}");
    assert!(
        matches!(second, Error::Panicked { .. } | Error::Unknown { .. } | Error::Failed { .. }),
        "{second:?}"
    );
    let later = job.persist_put("c", 3u64, b"").wait();
    assert!(matches!(later, Err(Error::Failed { .. })), "{later:?}");
    assert_eq!(last_batch(&backend, &store), 1);
}

#[test]
fn no_batch_follows_one_of_its_group_with_an_unknown_outcome() {
    let backend = Scripted::without_transactions();
    let (store, job) = open(&backend);
    let answers = [Answer::DiskFull, Answer::Apply, Answer::Unknown, Answer::Apply];
    let outcomes = outcomes_of_a_group(&backend, &job, answers);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(Error::Unknown { .. })), "{outcomes:?}");
    assert!(matches!(outcomes[2], Err(Error::Failed { .. })), "{outcomes:?}");
    assert_eq!(last_batch(&backend, &store), 3);
}

#[test]
fn planned_group_in_doubt_that_the_backend_then_refuses_is_unknown() {
    let backend = Scripted::without_transactions();
    let (_store, job) = open(&backend);
    backend.then(Answer::InDoubt { applied: false });
    backend.then(Answer::Unplanned);
    let unknown = job.persist_put("c", "k", b"").wait();
    assert!(matches!(unknown, Err(Error::Backend { .. } | Error::Unknown { .. })), "{unknown:?}");
    let later = job.persist_put("c", "l", b"").wait();
    assert!(matches!(later, Err(Error::Failed { .. })), "{later:?}");
}

#[test]
fn backend_that_refuses_planned_groups_is_reported() {
    let backend = Scripted::without_transactions();
    let (_store, job) = open(&backend);
    backend.then(Answer::Unplanned);
    let refused = job.persist_put("c", "k", b"").wait().unwrap_err();
    assert!(refused.to_string().contains("takes planned writes for unplanned ones"), "{refused}");
    job.persist_put("c", "k", b"").wait().unwrap();
}

#[test]
fn group_is_planned_again_if_the_server_was_out_of_reach() {
    let backend = Scripted::without_transactions();
    let (store, job) = open(&backend);
    let place = || Place::new("job", None);
    backend.fail_next_get_of_a_transaction(Error::Unavailable { place: place(), source: None });
    backend.fail_next_get_of_a_transaction(Error::SnapshotExpired { place: place() });
    job.persist_put("c", "k", b"").wait().unwrap();
    // A transaction of a caller runs once, so its error is reported.
    backend.fail_next_get_of_a_transaction(Error::Unavailable { place: place(), source: None });
    let failed = job.transact(|tx| tx.get("c", "k")).wait();
    assert!(matches!(failed, Err(Error::Unavailable { .. })), "{failed:?}");
    assert_eq!(last_batch(&backend, &store), 2);
}
