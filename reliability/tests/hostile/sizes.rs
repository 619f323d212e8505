//! Sizes at their limits, and one byte above.

use persist_core::{Config, Error, Key, Persistency};
use persist_reliability::{cases, sqlite};

use crate::open;

const MIB: usize = 1 << 20;

#[test]
fn size_one_byte_above_a_limit_is_refused_with_its_name_and_size() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    let job = store.open_job("job").wait().unwrap();
    let key = |bytes| Key::from_bytes(vec![1; bytes]);
    // Memory that is never touched costs nothing.
    let refused = [
        ("key", 16 * MIB, job.persist_put("c", key(16 * MIB + 1), b"")),
        ("category", 16 * MIB, job.persist_put(vec![1; 16 * MIB + 1], "k", b"")),
        ("payload", 512 * MIB, job.persist_put("c", "k", vec![0; 512 * MIB + 1])),
    ];
    for (part, limit, ticket) in refused {
        let Err(Error::InvalidArgument { reason }) = ticket.wait() else { panic!("{part}") };
        for word in [part.to_owned(), limit.to_string(), (limit + 1).to_string()] {
            assert!(reason.contains(&word), "{reason}");
        }
    }
    assert_eq!(job.categories().wait().unwrap(), [""; 0].map(Vec::from));
}

#[test]
fn row_of_the_largest_sizes_is_read_back() {
    let payload = cases("PERSIST_PAYLOAD_MIB", 4) * MIB;
    let key = 2 * MIB;
    let config = Config::new().key_limit_bytes(key).payload_limit_bytes(payload);
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open_with(sqlite(root.path(), "normal"), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let row = (vec![3; key], Key::from_bytes(vec![4; key]), vec![5; payload]);
    job.persist_put(&row.0, &row.1, &row.2).wait().unwrap();
    for (category, key, payload) in [
        (vec![3; key + 1], Key::from_bytes([4]), vec![]),
        (vec![3], Key::from_bytes(vec![4; key + 1]), vec![]),
        (vec![3], Key::from_bytes([4]), vec![5; payload + 1]),
    ] {
        let refused = job.persist_put(category, key, payload).wait();
        assert!(matches!(refused, Err(Error::InvalidArgument { .. })), "{refused:?}");
    }
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert!(job.categories().wait().unwrap() == [row.0.clone()]);
    let rows = job.scan(&row.0, ..).wait().unwrap();
    assert_eq!(rows.len(), 1);
    let found = rows.first().unwrap();
    assert!(found.key().as_bytes() == row.1.as_bytes() && found.payload() == row.2);
}
