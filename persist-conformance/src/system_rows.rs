//! The rows that the engine keeps for itself: a space of their own, and commits that write them together with the rows of users.
//!
//! These tests write system rows through the port, as the engine does.

use persist_core::port::{
    Category, Commit, Group, Op, OpenOptions, OpenedJob, Outcome, Page, PageRequest, Reader, Space,
    Span, Stop, Writer,
};
use persist_core::{Error, TxOp};

use crate::Fixture;
use crate::rows::numbers;

/// The row with the number of the last batch, as the engine keeps it.
const LAST_BATCH: (Category<'_>, &[u8]) = (Category::system(b"batches"), b"last");

const USER: Category<'_> = Category::user(b"c");
const SYSTEM: Category<'_> = Category::system(b"c");
const ALL: Span<'_> = Span { start: b"", stop: None };

fn open(place: &dyn Fixture) -> OpenedJob {
    place.backend().open_job("job", &OpenOptions::default()).unwrap()
}

fn close(job: OpenedJob) {
    job.reader.close();
    job.writer.close().unwrap();
}

/// Commits a batch as the engine does after it has planned it.
fn commit(writer: &mut dyn Writer, batch: &[Op<'_>]) {
    let commit = writer.commit(&Group::planned(batch));
    let Commit::Resolved(outcomes) = &commit else { panic!("{commit:?}") };
    assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{commit:?}");
}

fn put<'a>(category: Category<'a>, key: &'a [u8], payload: &'a [u8]) -> Op<'a> {
    Op::Put { category, key, payload }
}

fn count(reader: &dyn Reader, category: Category<'_>) -> u64 {
    reader.count(category, ALL, &Stop::default()).unwrap()
}

/// Returns the keys of a category in one page.
fn keys(reader: &dyn Reader, category: Category<'_>) -> Vec<Vec<u8>> {
    let request = PageRequest {
        category,
        span: ALL,
        reverse: false,
        keys_only: false,
        rows: 100,
        bytes: 1 << 20,
        stop: &Stop::default(),
    };
    let mut page = Page::default();
    assert!(!reader.page(&request, &mut page).unwrap());
    page.rows().map(|(key, _)| key.to_vec()).collect()
}

pub fn first_read_of_system_rows_finds_none(place: &dyn Fixture) {
    let job = open(place);
    let reader = &*job.reader;
    assert_eq!(reader.get(SYSTEM, b"k").unwrap(), None);
    assert_eq!(reader.get_many(SYSTEM, &[b"k", b"l"]).unwrap(), [None, None]);
    assert!(!reader.exists(SYSTEM, b"k").unwrap());
    assert_eq!(count(reader, SYSTEM), 0);
    assert!(keys(reader, SYSTEM).is_empty());
    let mut snapshot = reader.begin_read().unwrap();
    assert_eq!(snapshot.get(SYSTEM, b"k").unwrap(), None);
    assert!(snapshot.categories(Space::System).unwrap().is_empty());
    drop(snapshot);
    close(job);
}

pub fn user_and_system_rows_of_one_name_are_different_rows(place: &dyn Fixture) {
    let mut job = open(place);
    let batch = [put(USER, b"k", b"user"), put(SYSTEM, b"k", b"system"), put(SYSTEM, b"l", b"")];
    commit(&mut *job.writer, &batch);
    let reader = &*job.reader;
    assert_eq!(reader.get(USER, b"k").unwrap().as_deref(), Some(&b"user"[..]));
    assert_eq!(reader.get(SYSTEM, b"k").unwrap().as_deref(), Some(&b"system"[..]));
    let both = reader.get_many(SYSTEM, &[b"l", b"k"]).unwrap();
    assert_eq!(both, [Some(b"".to_vec()), Some(b"system".to_vec())]);
    assert!(!reader.exists(USER, b"l").unwrap() && reader.exists(SYSTEM, b"l").unwrap());
    assert_eq!((count(reader, USER), count(reader, SYSTEM)), (1, 2));
    assert_eq!(keys(reader, USER), [b"k"]);
    assert_eq!(keys(reader, SYSTEM), [b"k", b"l"]);
    let mut snapshot = reader.begin_read().unwrap();
    assert_eq!(snapshot.categories(Space::User).unwrap(), [b"c"]);
    assert_eq!(snapshot.categories(Space::System).unwrap(), [b"c"]);
    commit(&mut *job.writer, &[Op::Delete { category: SYSTEM, key: b"k" }]);
    assert_eq!(snapshot.get(SYSTEM, b"k").unwrap().as_deref(), Some(&b"system"[..]));
    drop(snapshot);
    assert_eq!(reader.get(SYSTEM, b"k").unwrap(), None);
    assert_eq!(reader.get(USER, b"k").unwrap().as_deref(), Some(&b"user"[..]));
    close(job);
}

pub fn range_delete_in_one_space_leaves_the_other_alone(place: &dyn Fixture) {
    let mut job = open(place);
    let both = [put(USER, b"a", b""), put(SYSTEM, b"a", b""), put(SYSTEM, b"b", b"")];
    commit(&mut *job.writer, &both);
    commit(&mut *job.writer, &[Op::DeletePrefix { category: USER, prefix: b"" }]);
    assert_eq!((count(&*job.reader, USER), count(&*job.reader, SYSTEM)), (0, 2));
    commit(&mut *job.writer, &both);
    let span = Span { start: b"a", stop: Some(b"b") };
    commit(&mut *job.writer, &[Op::DeleteRange { category: SYSTEM, span }]);
    assert_eq!((count(&*job.reader, USER), keys(&*job.reader, SYSTEM)), (1, vec![b"b".to_vec()]));
    commit(&mut *job.writer, &[Op::DeleteRange { category: SYSTEM, span: ALL }]);
    assert_eq!((count(&*job.reader, USER), count(&*job.reader, SYSTEM)), (1, 0));
    close(job);
}

pub fn system_rows_survive_a_reopen_and_end_with_the_job(place: &dyn Fixture) {
    let mut job = open(place);
    commit(&mut *job.writer, &[put(SYSTEM, b"k", b"system")]);
    close(job);
    let job = open(place);
    assert_eq!(job.reader.get(SYSTEM, b"k").unwrap().as_deref(), Some(&b"system"[..]));
    close(job);
    assert!(place.backend().drop_job("job").unwrap());
    let job = open(place);
    assert_eq!(job.reader.get(SYSTEM, b"k").unwrap(), None);
    close(job);
}

pub fn unplanned_group_in_a_job_with_system_rows_is_not_applied(place: &dyn Fixture) {
    let mut job = open(place);
    let mut group = Group::default();
    group.push(&[put(USER, b"k", b"")]);
    group.push(&[put(USER, b"l", b"")]);
    commit(&mut *job.writer, &[put(SYSTEM, b"k", b"")]);
    assert!(matches!(job.writer.commit(&group), Commit::Unplanned));
    assert_eq!(count(&*job.reader, USER), 0);
    commit(&mut *job.writer, &[put(USER, b"k", b"")]);
    assert_eq!(count(&*job.reader, USER), 1);
    close(job);
}

pub fn transaction_reads_its_own_system_rows(place: &dyn Fixture) {
    let mut job = open(place);
    if job.writer.begin_overlay().is_some() {
        // The engine runs transactions over a snapshot.
        return close(job);
    }
    let failed = job.writer.transact(&mut |tx| {
        assert!(!tx.has_system_rows()?);
        tx.apply(&put(SYSTEM, b"k", b"1"))?;
        Err(Error::invalid_argument("the transaction is rolled back"))
    });
    assert!(matches!(failed, Commit::Resolved(_)));
    assert_eq!(job.reader.get(SYSTEM, b"k").unwrap(), None);
    let done = job.writer.transact(&mut |tx| {
        assert_eq!(tx.get(SYSTEM, b"k")?, None);
        let mut group = Group::default();
        group.push(&[put(SYSTEM, b"k", b"1"), put(USER, b"k", b"2")]);
        group.push(&[Op::Delete { category: USER, key: b"k" }, put(SYSTEM, b"l", b"3")]);
        assert_eq!(tx.apply_group(&group)?, [0, 1]);
        assert!(tx.has_system_rows()?);
        assert_eq!(tx.get(SYSTEM, b"k")?.as_deref(), Some(&b"1"[..]));
        assert_eq!(tx.count(SYSTEM, ALL, &Stop::default())?, 2);
        assert_eq!(tx.categories(Space::System)?, [b"c"]);
        Ok(())
    });
    let Commit::Resolved(outcomes) = &done else { panic!("{done:?}") };
    assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{done:?}");
    assert_eq!((count(&*job.reader, USER), count(&*job.reader, SYSTEM)), (0, 2));
    close(job);
}

pub fn job_with_system_rows_takes_all_writes(place: &dyn Fixture) {
    let mut job = open(place);
    commit(&mut *job.writer, &[put(SYSTEM, b"k", b"system")]);
    close(job);
    let (store, job) = place.open_job();
    for n in 0..100u64 {
        job.persist_put("c", n, b"");
    }
    job.persist([TxOp::put("c", 100u64, b""), TxOp::delete("c", 0u64)]).wait().unwrap();
    assert!(job.delete_acked("c", 1u64).wait().unwrap());
    assert!(!job.delete_acked("c", 1u64).wait().unwrap());
    assert_eq!(job.persist_delete_range("c", 50u64..).wait().unwrap().removed, 51);
    let seen = job.transact(|tx| {
        tx.persist_delete("c", 2u64)?;
        tx.count("c", ..)
    });
    assert_eq!(seen.wait().unwrap(), 47);
    assert_eq!(numbers(job.scan("c", ..)), (3..50).collect::<Vec<_>>());
    assert_eq!(job.categories().wait().unwrap(), [b"c"]);
    store.close().wait().unwrap();
    let job = open(place);
    assert_eq!(job.reader.get(SYSTEM, b"k").unwrap().as_deref(), Some(&b"system"[..]));
    close(job);
}

pub fn committed_batches_take_the_next_numbers(place: &dyn Fixture) {
    let (category, key) = LAST_BATCH;
    let mut job = open(place);
    commit(&mut *job.writer, &[put(category, key, &0u64.to_be_bytes())]);
    close(job);
    let (store, job) = place.open_job();
    for n in 0..1_000u64 {
        job.persist_put("c", n, b"");
    }
    job.persist([TxOp::put("c", 0u64, b""), TxOp::put("c", 1u64, b"")]).wait().unwrap();
    job.transact(|tx| tx.persist_put("c", 0u64, b"")).wait().unwrap();
    // None of these takes a number.
    job.transact(|tx| tx.count("c", ..)).wait().unwrap();
    job.persist([]).wait().unwrap();
    job.sync().wait().unwrap();
    let failed = job.transact(|tx| {
        tx.persist_put("c", 0u64, b"")?;
        Err::<(), _>(Error::invalid_argument("the transaction is rolled back"))
    });
    failed.wait().unwrap_err();
    store.close().wait().unwrap();
    let job = open(place);
    assert_eq!(job.reader.get(category, key).unwrap(), Some(1_002u64.to_be_bytes().to_vec()));
    close(job);
}

pub fn first_system_row_of_another_store_is_noticed(place: &dyn Fixture) {
    let (category, key) = LAST_BATCH;
    let (store, job) = place.open_job();
    job.persist_put("c", 1u64, b"").wait().unwrap();
    match place.backend().open_job("job", &OpenOptions::default()) {
        Ok(mut other) => {
            commit(&mut *other.writer, &[put(category, key, &0u64.to_be_bytes())]);
            job.persist_put("c", 2u64, b"").wait().unwrap();
            job.transact(|tx| tx.persist_put("c", 3u64, b"")).wait().unwrap();
            let last = other.reader.get(category, key).unwrap();
            assert_eq!(last, Some(2u64.to_be_bytes().to_vec()));
            close(other);
        }
        // This backend opens a job only once.
        Err(Error::Busy { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    store.close().wait().unwrap();
}
