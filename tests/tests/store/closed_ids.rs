//! The result of `store["id"]` for ids that were opened and closed again.

use persist_core::{Error, Memory, Persistency};

fn missing_id(store: &Persistency, id: &str) -> String {
    match store[id].get("c", "k").wait() {
        Err(Error::JobNotFound { job }) => job,
        other => panic!("{other:?}"),
    }
}

#[test]
fn subscript_of_an_id_closed_before_the_first_lookup_is_not_found() {
    let store = Persistency::open(Memory::new()).unwrap();
    store.open_job("a").wait().unwrap();
    store.close_job("a").wait().unwrap();
    assert_eq!(missing_id(&store, "a"), "");
    // An id that is asked for while it is open stays known.
    store.open_job("a").wait().unwrap();
    assert_eq!(store["a"].id(), "a");
    store.close_job("a").wait().unwrap();
    assert_eq!(missing_id(&store, "a"), "a");
}

#[test]
fn subscripts_of_clones_return_the_same_job() {
    let store = Persistency::open(Memory::new()).unwrap();
    let clone = store.clone();
    let job = store.open_job("a").wait().unwrap();
    assert!(store["a"].same_job(&job) && clone["a"].same_job(&job));
    let handle = clone["a"].clone();
    drop(clone);
    assert!(handle.same_job(&job));
    store.close_job("a").wait().unwrap();
    assert_eq!(missing_id(&store, "a"), "a");
    // A new clone doesn't know the id.
    assert_eq!(missing_id(&store.clone(), "a"), "");
}

#[test]
fn subscript_borrowed_from_a_clone_stays_valid_while_others_are_added() {
    let store = Persistency::open(Memory::new()).unwrap();
    let clone = store.clone();
    let first_job = store.open_job("first").wait().unwrap();
    let first = &clone["first"];
    let jobs: Vec<_> =
        (0..100).map(|n| store.open_job(&format!("job {n}")).wait().unwrap()).collect();
    for (n, job) in jobs.iter().enumerate() {
        assert!(clone[format!("job {n}").as_str()].same_job(job));
    }
    assert!(first.same_job(&first_job));
}
