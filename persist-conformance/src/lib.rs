//! The tests that every backend of persist has to pass, and a guide to writing a backend.
//!
//! A backend stores the rows of jobs; the engine of persist-core does the rest: queues, threads, tickets, the order of writes, and
//! reads that see earlier writes. A backend implements the traits of [`persist_core::port`], and its tests call [`conformance!`],
//! which defines one `#[test]` for each behavior that users rely on.
//!
//! # The tests
//!
//! Add persist-conformance as a dev-dependency. A [`Fixture`] is a place of your backend, such as an empty directory: any number of
//! stores can be opened over it, one after the other or at the same time.
//!
//! ```
//! use persist_conformance::Fixture;
//! use persist_core::Memory;
//! use persist_core::port::Backend;
//! use std::sync::Arc;
//!
//! struct InMemory(Memory);
//!
//! impl Fixture for InMemory {
//!     fn backend(&self) -> Arc<dyn Backend> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! // In a file of your tests: each test gets a fixture of its own.
//! persist_conformance::conformance!(crate::InMemory(persist_core::Memory::new()));
//! # fn main() {}
//! ```
//!
//! `cargo test lifecycle::` then runs one section. A test fails if it has not ended after a minute.
//!
//! # The traits
//!
//! | Trait | Is | Called by |
//! |---|---|---|
//! | [`Backend`](persist_core::port::Backend) | a place that stores jobs, with its settings | any thread, at the same time; for one job only one call at a time |
//! | [`Writer`](persist_core::port::Writer) | the writing side of an open job | one thread at a time, but not always the same |
//! | [`Reader`](persist_core::port::Reader) | the reading side of an open job | any threads, at the same time |
//! | [`Snapshot`](persist_core::port::Snapshot) | the rows at one moment | one thread at a time |
//! | [`WriteTransaction`](persist_core::port::WriteTransaction) | a transaction that reads and writes | the closure of a caller |
//! | [`Maintenance`](persist_core::port::Maintenance) | sizes, checks and backups; optional | any threads |
//!
//! `tests/redb.rs` of this crate is a complete backend in about 500 lines, over the embedded database redb: read it next to this page.
//! [`KeyRange::prefix`](persist_core::KeyRange::prefix) returns the range of the keys that begin with a prefix.
//!
//! # The rows
//!
//! A job contains categories, and a category contains rows. Category, key and payload are bytes of any content, and each may be
//! empty. In a category, keys are ordered byte by byte, and a key that is a prefix of another comes first, as slices of bytes are
//! ordered in Rust. A category exists while it has rows.
//!
//! A [`Span`](persist_core::port::Span) contains the keys from `start` up to, but not including, `stop`. Without a `stop` it has no
//! end. It may be empty, and then its `stop` is not greater than its `start`.
//!
//! # Opening and closing
//!
//! [`check`](persist_core::port::Backend::check) creates nothing; [`open_job`](persist_core::port::Backend::open_job) creates the job
//! and its place. [`locate`](persist_core::port::Backend::locate) returns an identity of the job's rows: two values of the backend
//! that reach the same rows return the same one, so the engine can wait for the previous writer of the job in this process.
//!
//! A second store may open a job that is open, in this process or in another. Either both work on the same rows, or the second open
//! fails with [`Error::Busy`](persist_core::Error::Busy). [`drop_job`](persist_core::port::Backend::drop_job) of a job that is open
//! elsewhere fails with `Error::Busy`.
//!
//! The engine closes the reader first and then the writer. [`Reader::close`](persist_core::port::Reader::close) returns without
//! waiting for reads, and from then on every read, every snapshot and every maintenance call fails with
//! [`Error::Closed`](persist_core::Error::Closed). After [`Writer::close`](persist_core::port::Writer::close) the job can be opened,
//! dropped or restored, although values of its reader may still exist.
//!
//! # Commits
//!
//! [`Writer::commit`](persist_core::port::Writer::commit) gets a group: batches in the order in which they were submitted. The rules:
//!
//! 1. Each batch is applied whole or not at all, in order, and later operations of a batch see the effect of earlier ones.
//! 2. When the call returns, every reader sees the committed rows, and a crash of the process doesn't lose them.
//! 3. There is one outcome for each batch. `removed` counts the rows that the deletes of the batch have removed.
//! 4. One failed batch doesn't fail another. If one transaction for the whole group fails, commit the batches one by one.
//! 5. If nothing was applied and a later call may succeed, return [`Commit::Busy`](persist_core::port::Commit::Busy). If it is not
//!    known whether anything was applied, return [`Commit::InDoubt`](persist_core::port::Commit::InDoubt): the engine makes the same
//!    call again. If it never can be known, the outcome is [`Outcome::Unknown`](persist_core::port::Outcome::Unknown). Never return
//!    [`Outcome::NotApplied`](persist_core::port::Outcome::NotApplied) for a batch that may have been applied.
//!
//! [`transact`](persist_core::port::Writer::transact) calls the closure at most once, on the calling thread, in a transaction that no
//! other writer can enter. The closure reads its own writes. If it returns an error or panics, nothing remains of the transaction. A
//! panic passes through `transact`: the engine catches it, and reports it as the outcome. Roll back in a `Drop`.
//!
//! A backend without transactions returns a snapshot from [`begin_overlay`](persist_core::port::Writer::begin_overlay) instead. The
//! engine then runs the closure over it, and commits its writes as a group.
//!
//! [`sync`](persist_core::port::Writer::sync) makes all earlier commits survive a power cut.
//!
//! # System rows
//!
//! Every [`Category`](persist_core::port::Category) belongs to one of two spaces: the rows of users, and the rows that the engine keeps
//! for itself. Keep them apart, for example in two tables or by a number in front of the key. Reads, deletes and
//! [`categories`](persist_core::port::Snapshot::categories) of one space never see the other. Both are parts of the job: one commit may
//! write both, and [`drop_job`](persist_core::port::Backend::drop_job) removes both.
//!
//! Once a job has a system row, [`commit`](persist_core::port::Writer::commit) applies only groups that are
//! [planned](persist_core::port::Group::is_planned), and returns [`Commit::Unplanned`](persist_core::port::Commit::Unplanned) for others.
//! Check this inside the transaction that commits. The engine then makes the same writes in a transaction, together with the system
//! rows that depend on them.
//!
//! # Deadlines
//!
//! A backend that waits for a server keeps the [`OpenOptions`](persist_core::port::OpenOptions) with which the job was opened. A read
//! ends with [`Error::TimedOut`](persist_core::Error::TimedOut) after `call_timeout`. A call of the writer returns by
//! [`closing.until(call_timeout)`](persist_core::port::Closing::until), which becomes earlier when the job begins to close: register a
//! function with [`on_begin`](persist_core::port::Closing::on_begin) to wake a call that waits. Don't cancel a commit that was sent:
//! give up its connection, and return that it is in doubt. A [`Stop`](persist_core::port::Stop) ends a count or a page for which nobody
//! waits any more.
//!
//! # Reads
//!
//! No read waits for the writer. A snapshot doesn't see later commits, and may be moved to another thread between two calls. Its owner
//! may keep it for long: the engine ends an expired snapshot by dropping it. A backend whose snapshots retain data reports the growth
//! in [`logged_bytes`](persist_core::port::Writer::logged_bytes).
//!
//! [`page`](persist_core::port::Snapshot::page) appends rows to a page until `rows` rows or `bytes` bytes were added by this call, at
//! least one row if there is one, and returns whether more rows may follow.
//!
//! # Errors
//!
//! Every error names the place of the job: [`Place`](persist_core::error::Place). No error and no log message contains keys, payloads
//! or secrets.
//!
//! | Situation | Error |
//! |---|---|
//! | the id or the place can't be used | [`InvalidArgument`](persist_core::Error::InvalidArgument) |
//! | another process or store holds the job | [`Busy`](persist_core::Error::Busy) |
//! | no space left | [`DiskFull`](persist_core::Error::DiskFull) |
//! | the stored data is damaged, or is not a job | [`Corrupt`](persist_core::Error::Corrupt), [`Incompatible`](persist_core::Error::Incompatible) |
//! | the server doesn't answer in time | [`TimedOut`](persist_core::Error::TimedOut) |
//! | the server can't be reached | [`Unavailable`](persist_core::Error::Unavailable) |
//! | another process has taken over the job | [`Fenced`](persist_core::Error::Fenced) |
//! | the connection of a snapshot was lost | [`SnapshotExpired`](persist_core::Error::SnapshotExpired), so that a scan can continue |
//! | a call that the backend doesn't offer | [`Unsupported`](persist_core::Error::Unsupported) |
//! | anything else | [`Backend`](persist_core::Error::Backend), with the backend's own code |
//!
//! Sizes that the backend can't store are declared in [`limits`](persist_core::port::Backend::limits). The engine then refuses them, so
//! they never reach the backend. The tests stay within them.
// The behaviors are functions that the macro calls. Each name states its behavior.
#![allow(missing_docs, clippy::missing_panics_doc)]

mod fixture;
#[doc(hidden)]
pub mod rows;
#[doc(hidden)]
pub mod runtime;
#[doc(hidden)]
pub mod watchdog;

#[doc(hidden)]
pub mod backend;
#[doc(hidden)]
pub mod batches;
#[doc(hidden)]
pub mod by_id;
#[doc(hidden)]
pub mod clients;
#[doc(hidden)]
pub mod copies;
#[doc(hidden)]
pub mod facade;
#[doc(hidden)]
pub mod handles;
#[doc(hidden)]
pub mod housekeeping;
#[doc(hidden)]
pub mod lifecycle;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod ordering;
#[doc(hidden)]
pub mod ranges;
#[doc(hidden)]
pub mod reads;
#[doc(hidden)]
pub mod scans;
#[doc(hidden)]
pub mod snapshot_reads;
#[doc(hidden)]
pub mod snapshots;
#[doc(hidden)]
pub mod streams;
#[doc(hidden)]
pub mod subscript;
#[doc(hidden)]
pub mod system_rows;
#[doc(hidden)]
pub mod tables;
#[doc(hidden)]
pub mod tickets;
#[doc(hidden)]
pub mod transactions;
#[doc(hidden)]
pub mod views;
#[doc(hidden)]
pub mod within;

pub use fixture::Fixture;

/// Defines a `#[test]` for each behavior that every backend must have. The argument is an expression that returns a new
/// [`Fixture`]; each test evaluates it once, in a function of its own.
///
/// The tests are in modules, one for each section, such as `lifecycle` and `scans`. To test several backends, or several settings of
/// one, put each call into a module of its own.
#[macro_export]
macro_rules! conformance {
    ($fixture:expr) => {
        $crate::conformance! { @ $fixture,
            backend {
                put_row_is_read_back,
                second_put_replaces_the_payload,
                acked_delete_reports_whether_the_row_existed,
                batch_applies_whole_or_not_at_all,
                ascending_scan_returns_rows_in_key_order,
                descending_scan_returns_rows_in_reverse_key_order,
                key_range_is_half_open,
                key_range_with_empty_stop_as_end_has_an_open_end,
                categories_are_separate_key_spaces,
                delete_in_a_batch_removes_the_row,
                get_of_a_missing_key_returns_none,
                count_of_an_empty_category_is_zero,
            }
            facade {
                put_payload_is_returned_by_get,
                batch_becomes_visible_at_once,
                prefix_scan_returns_rows_in_key_order,
                reversed_prefix_scan_returns_rows_in_reverse_key_order,
                acked_delete_reports_hit_and_miss,
                fire_and_forget_delete_removes_the_row,
                jobs_do_not_see_the_rows_of_others,
            }
            lifecycle {
                reopened_job_has_its_rows,
                open_of_an_open_job_returns_the_same_job,
                persisted_row_is_read_back,
                calls_after_close_job_return_closed,
                dropped_job_has_no_rows,
                range_is_scanned_and_counted,
                acked_delete_of_a_missing_and_an_existing_row_reports_which,
                open_from_eight_threads_returns_one_job,
                close_of_a_job_that_is_not_open_returns_job_not_found,
                drop_of_an_unknown_job_returns_job_not_found,
                stored_job_is_dropped_without_an_open,
                drop_of_a_job_open_in_another_instance_returns_busy,
                dropped_job_opens_again_without_rows,
                close_of_a_job_leaves_others_open,
                second_close_does_nothing,
                calls_of_a_closed_store_return_closed,
                job_ids_lists_open_jobs_in_order,
                stored_job_ids_lists_open_and_closed_jobs,
                empty_id_is_refused,
                failed_open_changes_nothing,
                request_does_nothing_before_the_wait,
            }
            by_id {
                lookup_of_an_id_that_is_not_open_returns_job_not_found,
                lookup_of_an_open_id_returns_its_job,
                has_job_agrees_with_the_lookup,
                subscript_returns_the_open_job,
                put_and_get_work_by_id_alone,
                reads_by_an_unknown_id_return_job_not_found,
                writes_by_an_unknown_id_are_dropped_and_return_job_not_found,
                encoded_struct_by_id_is_read_back,
                scan_by_id_equals_the_scan_by_handle,
                calls_by_id_equal_the_calls_of_the_handle,
                calls_by_id_after_the_close_return_closed,
            }
            system_rows {
                first_read_of_system_rows_finds_none,
                user_and_system_rows_of_one_name_are_different_rows,
                range_delete_in_one_space_leaves_the_other_alone,
                system_rows_survive_a_reopen_and_end_with_the_job,
                unplanned_group_in_a_job_with_system_rows_is_not_applied,
                transaction_reads_its_own_system_rows,
                job_with_system_rows_takes_all_writes,
                committed_batches_take_the_next_numbers,
                first_system_row_of_another_store_is_noticed,
            }
            tables {
                typed_rows_are_read_back,
                typed_prefixes_and_ranges_return_rows_in_key_order,
                updates_of_four_threads_lose_none,
                first_write_enters_the_shapes_and_an_open_does_not,
                grown_type_reads_old_rows_and_the_old_type_no_new_ones,
                table_of_other_types_is_refused_and_stays_as_it_is,
                rows_without_a_table_are_refused_unless_they_are_adopted,
                process_has_one_definition_of_a_table,
                write_by_an_older_program_after_a_newer_one_is_refused_alone,
                batches_and_transactions_enter_shapes_too,
                refused_batch_enters_no_shape_of_another_table,
                table_of_a_subscript_ends_with_the_job_that_was_open,
                copy_of_a_job_has_its_tables,
            }
            subscript {
                calls_of_an_unknown_id_return_job_not_found,
                subscript_follows_a_close_and_a_reopen,
                borrowed_subscript_stays_valid_among_a_thousand_others,
                subscript_of_a_closed_store_returns_closed,
            }
            handles {
                clone_of_a_closed_store_is_closed,
                calls_of_a_closed_job_return_closed,
                handle_from_before_a_reopen_stays_closed,
                job_without_its_store_stays_open,
                job_without_handles_stays_open_in_its_store,
                drop_of_the_last_handle_loses_no_writes,
                last_handle_dropped_on_the_worker_loses_no_writes,
                close_returns_the_first_failure_that_no_ticket_reported,
                failure_reported_by_a_ticket_is_not_reported_by_the_close,
                last_error_is_the_newest_that_no_ticket_reported,
                close_of_a_store_returns_the_failure_of_a_job,
                same_job_of_handles_of_different_jobs_is_false,
            }
            tickets {
                dropped_tickets_are_fire_and_forget,
                ticket_waited_for_long_after_the_commit_returns_its_outcome,
                ticket_waited_for_after_the_close_returns_its_outcome,
                awaited_ticket_returns_its_outcome,
                ticket_waited_for_on_another_thread_returns_its_outcome,
                tickets_waited_for_in_any_order_return_their_outcomes,
                commit_numbers_never_decrease,
                commit_numbers_count_from_the_open,
                empty_batch_resolves_at_once,
            }
            ordering {
                last_of_many_unwaited_puts_wins,
                delete_takes_effect_between_the_writes_around_it,
                prefix_delete_takes_effect_between_the_writes_around_it,
                range_delete_takes_effect_between_the_writes_around_it,
                acked_delete_sees_earlier_writes,
                operations_of_a_batch_apply_in_order,
                batches_of_one_thread_apply_in_order,
                visible_rows_are_a_prefix_of_the_submitted_writes,
                writes_of_one_group_take_effect_in_order,
            }
            batches {
                readers_see_batches_whole,
                iterated_scan_sees_batches_whole,
                refused_batch_fails_no_other_batch,
                batch_across_categories_applies,
                large_batch_applies_whole,
            }
            transactions {
                transaction_reads_its_own_writes,
                scan_of_a_transaction_allows_other_calls_in_between,
                error_of_the_closure_rolls_back,
                closure_with_its_own_error_type_returns_that_error,
                panic_of_the_closure_rolls_back_and_the_worker_continues,
                transactions_run_in_order_with_the_writes,
                read_sees_an_earlier_transaction,
                transactions_of_eight_threads_lose_no_update,
                blocking_call_in_a_transaction_returns_would_deadlock,
                oversize_write_in_a_transaction_is_refused,
                awaited_transaction_returns_its_result,
                sync_follows_earlier_writes,
            }
            reads {
                read_sees_a_hundred_unwaited_puts,
                read_sees_writes_of_another_handle,
                eight_threads_read_their_own_writes,
                read_runs_at_the_wait,
                owned_read_keeps_its_job_open,
                read_of_the_wrong_type_returns_a_decode_error_with_its_place,
                read_with_trailing_bytes_returns_a_decode_error,
                typed_reads_return_the_encoded_values,
                exists_of_a_missing_and_an_existing_row_tells_which,
                empty_keys_categories_and_payloads_are_valid,
                categories_lists_those_with_rows,
                prefix_delete_leaves_other_jobs_and_categories_alone,
            }
            views {
                first_and_last_equal_the_ends_of_a_scan,
                get_many_returns_payloads_in_the_order_of_the_keys,
                reads_of_one_view_see_one_snapshot,
                view_reads_the_same_rows_as_the_job,
                view_read_of_the_wrong_type_returns_a_decode_error,
                committed_read_waits_for_no_write,
                offloaded_read_equals_an_inline_one,
            }
            snapshot_reads {
                reads_of_snapshots_and_transactions_equal_those_of_the_job,
                first_and_last_in_a_transaction_see_its_own_writes,
                keys_only_scan_of_a_snapshot_has_keys_and_empty_payloads,
                rows_of_a_scan_are_those_of_its_wait,
                iterator_of_a_snapshot_after_its_end_returns_nothing,
                key_that_reads_its_view_while_encoded_finds_its_row,
            }
            within {
                scan_and_count_within_random_prefixes_match_a_filter,
                every_delete_within_random_prefixes_matches_a_filter,
                open_end_within_a_prefix_stops_before_the_next_prefix,
                inclusive_end_within_a_prefix_includes_longer_keys,
                excluded_start_within_a_prefix_excludes_longer_keys,
                excluded_start_of_ff_bytes_is_empty,
                inverted_range_within_a_prefix_is_empty,
                empty_stop_of_a_rust_range_selects_and_deletes_nothing,
                empty_stop_of_a_key_range_is_an_end_only_with_empty_stop_as_end,
                typed_range_within_a_prefix_selects_the_next_part,
            }
            ranges {
                std_ranges_select_the_keys_they_contain,
                inclusive_end_excludes_longer_keys,
                excluded_start_includes_longer_keys,
                empty_and_inverted_ranges_select_nothing,
                key_range_with_an_empty_stop_as_end_has_no_end,
                range_delete_removes_the_rows_of_a_scan_of_the_range,
                typed_ranges_follow_the_order_of_their_keys,
                count_equals_the_scan_for_every_pair_of_bounds,
            }
            scans {
                limit_of_zero_returns_nothing,
                limit_above_the_number_of_rows_returns_all,
                after_excludes_its_key_in_both_directions,
                after_a_missing_key_continues_at_the_next,
                after_outside_the_range_stays_in_the_range,
                reverse_limit_and_after_combine,
                paging_with_after_returns_every_row_once,
                prefix_scan_of_ff_bytes_has_no_end,
                prefix_that_ends_in_ff_stops_before_the_next_prefix,
                empty_prefix_selects_everything,
                lex_prefix_selects_the_texts_that_begin_with_it,
                lex_prefix_selects_the_sequences_that_begin_with_it,
                iterated_scan_equals_a_collected_one,
                iterated_scan_is_one_snapshot,
                paged_scan_sees_later_writes,
                keys_only_scan_has_the_keys_of_a_full_scan,
                iterated_scan_ends_with_closed_when_its_job_closes,
                iterated_scan_may_be_dropped_early,
                rows_outlive_their_store,
                rows_are_iterated_from_both_ends,
                scan_returns_large_rows_whole,
            }
            streams {
                stream_equals_a_collected_scan,
                stream_is_one_snapshot_from_its_first_poll,
                stream_is_read_while_its_reader_writes,
                row_is_kept_when_the_future_that_waits_for_it_is_dropped,
                stream_ends_with_closed_when_its_job_closes,
                stream_may_be_dropped_early,
                stream_keeps_its_job_open,
                scan_stream_implements_the_stream_trait_of_futures_core,
            }
            snapshots {
                old_iterator_expires_at_its_next_page,
                old_stream_expires_at_its_next_page,
                old_view_expires_at_its_next_call,
                expired_scan_continues_after_its_last_key_with_any_limit,
                idle_expired_snapshot_is_released_by_the_next_commit,
                idle_expired_snapshot_is_released_by_the_next_snapshot,
                snapshot_within_its_limit_is_kept,
                paged_scan_never_expires,
            }
            limits {
                writers_with_a_small_queue_all_finish,
                batch_larger_than_the_queue_is_admitted_alone,
                jobs_with_a_small_total_limit_all_finish,
                oversize_key_is_refused_and_nothing_is_written,
                range_delete_to_a_longest_key_is_applied,
                oversize_category_is_refused,
                oversize_payload_is_refused_and_nothing_is_written,
                oversize_operation_refuses_its_whole_batch,
                invalid_settings_are_refused,
                limits_above_the_maximum_are_refused,
                payload_of_several_mebibytes_is_read_back,
                keys_of_up_to_a_mebibyte_are_read_back,
            }
            housekeeping {
                stats_count_commits_and_failures,
                check_of_stored_rows_finds_no_problems,
                compaction_changes_no_row,
                writes_continue_during_housekeeping,
                awaited_housekeeping_completes,
                backup_is_a_file_or_is_refused,
                housekeeping_on_the_worker_returns_would_deadlock,
            }
            copies {
                copy_to_a_job_of_the_same_store_has_equal_rows,
                copies_to_another_backend_and_back_have_equal_rows,
                copy_is_of_one_moment_while_the_job_is_written,
                copy_to_a_job_with_rows_is_refused,
                row_too_large_for_the_target_leaves_it_empty,
                progress_of_a_copy_ends_with_all_rows,
                panic_of_the_progress_of_a_copy_leaves_the_target_empty,
            }
            clients {
                thousand_reads_on_threads_complete,
                thousand_reads_as_futures_complete,
                scan_and_writes_run_concurrently,
            }
        }
    };
    (@ $fixture:expr, $($section:ident { $($behavior:ident,)* })*) => {
        fn new_fixture() -> impl $crate::Fixture + Send + 'static {
            $fixture
        }

        $(mod $section {
            $(
                #[::core::prelude::v1::test]
                fn $behavior() {
                    $crate::watchdog::within_a_minute(|| {
                        $crate::$section::$behavior(&super::new_fixture());
                    });
                }
            )*
        })*
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_behavior_is_listed_by_the_macro() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let list = fs::read_to_string(folder.join("lib.rs")).unwrap();
        let mut behaviors = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for line in text.lines() {
                let Some(rest) = line.strip_prefix("pub fn ") else { continue };
                let Some((name, _)) = rest.split_once("(place: &dyn Fixture)") else { continue };
                assert!(list.contains(&format!(" {name},\n")), "{name} is not listed");
                behaviors += 1;
            }
        }
        assert_eq!(behaviors, 233);
    }
}
