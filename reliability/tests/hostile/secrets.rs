//! Errors and logs contain no keys and no payloads.

use std::error::Error as _;
use std::fmt::Write;

use parking_lot::Mutex;
use persist_core::{Config, Error, Persistency};
use persist_reliability::{OnEvent, fields_of, sqlite};
use rusqlite::Connection;
use tracing::Event;

static LOGGED: Mutex<String> = Mutex::new(String::new());

#[test]
fn errors_and_logs_contain_no_keys_or_payloads() {
    tracing::subscriber::set_global_default(OnEvent(|event: &Event<'_>| {
        *LOGGED.lock() += &fields_of(event);
    }))
    .unwrap();
    let root = tempfile::tempdir().unwrap();
    let config = Config::new()
        .key_limit_bytes(100)
        .payload_limit_bytes(100)
        .close_timeout(std::time::Duration::from_millis(100));
    let store = Persistency::open_with(sqlite(root.path(), "normal"), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let (key, payload) = ("my secret key", "my secret payload");
    job.persist_put("c", key, payload.as_bytes()).wait().unwrap();

    let too_long = key.repeat(20);
    let mut errors = vec![
        job.persist_put("c", too_long.as_str(), payload.as_bytes()).wait().unwrap_err(),
        job.persist_put("c", key, payload.repeat(20).into_bytes()).wait().unwrap_err(),
        job.get_as::<u64>("c", key).wait().unwrap_err(),
        job.scan("c", ..)
            .wait()
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .decode::<bool>()
            .unwrap_err()
            .into(),
        store.persist_put("missing", "c", key, payload.as_bytes()).wait().unwrap_err(),
    ];
    // Only the log and the close report this failure.
    let lock = Connection::open(root.path().join("job.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    job.persist_put("c", key, payload.as_bytes());
    errors.push(store.close().wait().unwrap_err());
    errors.push(job.persist_put("c", key, payload.as_bytes()).wait().unwrap_err());

    let not_tried = job.try_persist_put("c", key, payload.as_bytes()).unwrap_err();

    let mut text = std::mem::take(&mut *LOGGED.lock());
    assert!(text.contains("job"), "nothing was logged");
    write!(text, "{not_tried}\n{not_tried:?}\n").unwrap();
    for error in &errors {
        assert!(!matches!(error, Error::Unknown { .. }));
        write!(text, "{error}\n{error:?}\n").unwrap();
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        causes.for_each(|cause| write!(text, "{cause}\n{cause:?}\n").unwrap());
    }
    let hex =
        |text: &str| text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    for secret in
        ["secret", &hex("secret"), &hex("secret").to_uppercase(), "115, 101, 99, 114, 101, 116"]
    {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
