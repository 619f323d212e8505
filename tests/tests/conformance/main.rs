//! The behavior that every backend must have: one function per behavior, and one `#[test]` for each of them and each
//! backend.
//!
//! A behavior that is missing from the list below is dead code, which the lints refuse. The numbers are those of the 70
//! tests of the original; 1–23 are about keys alone (`keys.rs`), 66–70 about the process-wide store (`singleton.rs`).

mod backend;
mod batches;
mod by_id;
mod clients;
mod facade;
mod files;
mod fixture;
mod handles;
mod housekeeping;
mod lifecycle;
mod limits;
mod ordering;
mod ranges;
mod reads;
mod rows;
mod scans;
mod snapshot_reads;
mod snapshots;
mod streams;
mod subscript;
mod tickets;
mod transactions;
mod views;
mod within;

/// Defines a `#[test]` for each behavior and backend, with a new fixture.
macro_rules! conformance {
    (
        every backend [ $($section:ident { $($behavior:ident,)* })* ]
        sqlite alone [ $($files:ident { $($on_files:ident,)* })* ]
    ) => {
        conformance!(memory(InMemory): $($section { $($behavior,)* })*);
        conformance!(sqlite(InFiles): $($section { $($behavior,)* })*);
        conformance!(sqlite_alone(InFiles): $($files { $($on_files,)* })*);
    };
    ($backend:ident($Fixture:ident): $($section:ident { $($behavior:ident,)* })*) => {
        mod $backend {
            $(mod $section {
                $(
                    #[test]
                    fn $behavior() {
                        persist_tests::watchdog::within_a_minute(|| {
                            $crate::$section::$behavior(&$crate::fixture::$Fixture::new());
                        });
                    }
                )*
            })*
        }
    };
}

conformance! {
    every backend [

    // 25–36
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

    // 37–43
    facade {
        put_payload_is_returned_by_get,
        batch_becomes_visible_at_once,
        prefix_scan_returns_rows_in_key_order,
        reversed_prefix_scan_returns_rows_in_reverse_key_order,
        acked_delete_reports_hit_and_miss,
        fire_and_forget_delete_removes_the_row,
        jobs_do_not_see_the_rows_of_others,
    }

    // 48, 49, 51, 53–56, and all other behavior of opening, closing and dropping
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

    // 57–65
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

    // A thousand reads at once, and many callers of one job.
    clients {
        thousand_reads_on_threads_complete,
        thousand_reads_as_futures_complete,
        scan_and_writes_run_concurrently,
    }

    ]

    sqlite alone [

    // 24, 44–47, 50, 52–54
    files {
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

    ]
}
