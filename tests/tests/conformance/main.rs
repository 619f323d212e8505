//! The behavior of every backend, from `persist-conformance`, over memory, over memory
//! without transactions, and over SQLite; and the behavior of files.
//!
//! 24, 44–47, 50 and 52–54 of the 70 tests of the original are about files, 1–23 about keys alone (`keys.rs`), and 66–70 about the
//! process-wide store (`singleton.rs`). The others are in `persist-conformance`.

mod files;
mod fixture;

mod memory {
    persist_conformance::conformance!(crate::fixture::InMemory::new());
}

mod without_transactions {
    persist_conformance::conformance!(crate::fixture::WithoutTransactions::new());
}

mod sqlite {
    persist_conformance::conformance!(crate::fixture::InFiles::new());
}

/// Defines a `#[test]` for each behavior of files, with a new fixture.
macro_rules! files {
    ($($behavior:ident,)*) => {
        mod sqlite_alone {
            mod files {
                $(
                    #[test]
                    fn $behavior() {
                        persist_conformance::watchdog::within_a_minute(|| {
                            crate::files::$behavior(&crate::fixture::InFiles::new());
                        });
                    }
                )*
            }
        }
    };
}

files! {
    encoded_struct_is_in_the_file_byte_for_byte,
    existing_root_is_accepted_and_its_files_are_left_alone,
    root_that_is_a_file_is_refused,
    empty_root_is_refused,
    root_is_created_when_the_first_job_opens,
    root_below_a_file_is_refused,
    opening_creates_the_root_the_file_and_a_worker,
    jobs_have_separate_files,
    closing_joins_the_worker,
    dropped_job_leaves_no_files,
    dropped_open_job_leaves_no_files,
    relative_root_is_resolved_when_opened,
    stored_job_ids_lists_jobs_with_files,
    remains_of_a_dropped_job_are_removed_when_the_first_job_opens,
    drop_of_the_last_handle_does_not_wait_for_a_lock,
    full_queue_blocks_callers_while_the_file_is_locked,
    unread_scan_pins_the_wal_within_its_limit_only,
    scan_expires_when_too_many_bytes_were_written,
}
