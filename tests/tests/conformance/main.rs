//! What every backend has to do: one function a behaviour, one `#[test]` for each of them and backend.
//!
//! A behaviour that is missing from the list below is dead code, which the lints don't let pass. The
//! numbers are those of the 70 tests that the original has of its own; 1–23 are about keys alone (`keys.rs`),
//! 66–70 about the process-wide store (`singleton.rs`).

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

/// Makes a `#[test]` of each behaviour, over a fresh fixture of each backend.
macro_rules! conformance {
    (
        every backend [ $($section:ident { $($behaviour:ident,)* })* ]
        sqlite alone [ $($files:ident { $($on_files:ident,)* })* ]
    ) => {
        conformance!(memory(InMemory): $($section { $($behaviour,)* })*);
        conformance!(sqlite(InFiles): $($section { $($behaviour,)* })*);
        conformance!(sqlite_alone(InFiles): $($files { $($on_files,)* })*);
    };
    ($backend:ident($Fixture:ident): $($section:ident { $($behaviour:ident,)* })*) => {
        mod $backend {
            $(mod $section {
                $(
                    #[test]
                    fn $behaviour() {
                        persist_tests::watchdog::within_a_minute(|| {
                            $crate::$section::$behaviour(&$crate::fixture::$Fixture::new());
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
        a_put_is_read_back,
        a_second_put_replaces_the_payload,
        a_delete_tells_whether_the_row_was_there,
        a_batch_applies_whole_or_not_at_all,
        an_ascending_scan_comes_in_key_order,
        a_descending_scan_comes_in_reverse,
        a_key_range_is_half_open,
        an_empty_stop_is_an_open_end,
        categories_are_separate_key_spaces,
        a_delete_in_a_batch_removes_the_row,
        a_missing_key_reads_as_none,
        the_count_of_an_empty_category_is_zero,
    }

    // 37–43
    facade {
        what_is_put_can_be_got,
        a_batch_becomes_visible_together,
        a_prefix_scan_comes_in_key_order,
        a_prefix_scan_can_be_reversed,
        an_acked_delete_tells_hit_from_miss,
        a_fire_and_forget_delete_removes_the_row,
        two_jobs_never_see_each_others_rows,
    }

    // 48, 49, 51, 53–56, and what else there is to opening, closing and dropping
    lifecycle {
        a_reopened_job_still_has_its_rows,
        opening_an_open_job_gives_the_same_job,
        what_is_persisted_is_read_through_the_worker,
        closing_fails_later_requests_as_closed,
        dropping_a_job_removes_its_rows,
        a_range_is_scanned_and_counted,
        an_acked_delete_reports_presence_before_and_after,
        eight_threads_that_open_a_job_get_one_job,
        closing_a_job_that_is_not_open_is_job_not_found,
        dropping_an_unknown_job_is_job_not_found,
        a_stored_job_is_dropped_without_being_opened,
        a_job_that_another_instance_holds_is_busy_and_stays,
        a_dropped_job_can_be_opened_anew,
        closing_leaves_other_jobs_open,
        closing_twice_does_nothing,
        nothing_opens_after_the_close,
        open_jobs_are_listed_in_order,
        stored_jobs_are_listed_whether_open_or_not,
        an_empty_id_is_refused,
        a_failed_open_changes_nothing,
        a_request_does_nothing_until_it_is_waited_for,
    }

    // 57–65
    by_id {
        looking_up_an_id_that_is_not_open_is_job_not_found,
        an_opened_id_is_found,
        has_job_agrees_with_the_lookup,
        the_subscript_gives_the_open_job,
        put_and_get_work_by_id_alone,
        reads_by_an_unknown_id_fail_with_job_not_found,
        writes_by_an_unknown_id_are_dropped_and_their_tickets_say_so,
        an_encoded_struct_goes_by_id,
        a_scan_by_id_equals_the_scan_by_handle,
        every_call_by_id_does_what_the_handle_does,
        calls_by_id_after_the_close_are_closed,
    }

    subscript {
        every_call_of_an_unknown_id_is_job_not_found,
        it_follows_a_close_and_a_reopen,
        a_borrowed_subscript_outlives_a_thousand_others,
        after_the_close_of_the_store_it_is_closed,
    }

    handles {
        a_clone_of_a_closed_store_is_closed,
        every_call_of_a_closed_job_is_closed,
        a_handle_of_before_a_reopen_stays_closed,
        a_job_stays_open_without_its_store,
        a_store_keeps_its_jobs_open_without_handles,
        dropping_the_last_handle_loses_nothing,
        the_last_handle_dropped_on_the_worker_loses_nothing,
        a_close_gives_the_first_failure_that_no_ticket_told,
        a_failure_that_its_ticket_told_is_not_told_by_the_close,
        the_last_error_is_the_newest_that_no_ticket_told,
        the_close_of_a_store_gives_the_failure_of_a_job,
        handles_of_different_jobs_are_not_the_same_job,
    }

    tickets {
        dropped_tickets_are_fire_and_forget,
        a_ticket_can_be_waited_for_long_after_the_commit,
        a_ticket_can_be_waited_for_after_the_close,
        a_ticket_can_be_awaited,
        a_ticket_can_be_waited_for_on_another_thread,
        tickets_can_be_waited_for_in_any_order,
        sequence_numbers_never_decrease,
        sequence_numbers_count_the_commits_of_this_open,
        an_empty_batch_resolves_at_once,
    }

    ordering {
        the_last_of_many_unwaited_puts_wins,
        a_delete_takes_effect_between_the_writes_around_it,
        a_prefix_delete_takes_effect_between_the_writes_around_it,
        a_range_delete_takes_effect_between_the_writes_around_it,
        an_acked_delete_sees_what_was_submitted_before_it,
        operations_of_a_batch_apply_in_their_order,
        batches_of_one_thread_apply_in_their_order,
        what_is_visible_is_a_prefix_of_what_was_submitted,
        writes_of_one_group_take_effect_in_their_order,
    }

    batches {
        readers_never_see_half_a_batch,
        a_streamed_scan_never_sees_half_a_batch,
        a_refused_batch_fails_no_other,
        a_batch_may_span_categories,
        a_large_batch_applies_whole,
    }

    transactions {
        a_transaction_reads_what_it_has_written,
        other_calls_go_on_inside_a_scan,
        an_error_of_the_closure_leaves_no_trace,
        a_closure_may_have_an_error_of_its_own,
        a_panic_rolls_back_and_the_worker_lives_on,
        transactions_take_their_turn_among_the_writes,
        a_read_sees_a_transaction_submitted_before_it,
        transactions_of_eight_threads_lose_no_update,
        a_blocking_call_inside_is_refused,
        a_write_that_is_too_long_is_refused_inside_too,
        a_transaction_can_be_awaited,
        a_sync_comes_after_what_was_submitted_before_it,
    }

    reads {
        a_read_sees_a_hundred_unwaited_puts_a_thousand_times,
        a_read_sees_writes_made_through_another_handle,
        eight_threads_always_read_what_they_wrote,
        nothing_is_read_before_the_wait,
        an_owned_read_keeps_its_job_open,
        a_read_of_the_wrong_type_is_a_decode_error_that_says_where,
        a_read_with_bytes_left_over_is_a_decode_error,
        typed_reads_give_what_was_encoded,
        exists_tells_a_row_from_none,
        empty_keys_categories_and_payloads_are_legal,
        categories_are_those_with_rows,
        other_jobs_and_categories_stay_untouched_by_a_prefix_delete,
    }

    views {
        first_and_last_are_the_ends_of_a_scan,
        many_keys_are_read_in_the_order_asked,
        reads_of_one_view_see_one_moment,
        a_view_reads_what_the_job_does,
        a_view_of_the_wrong_type_is_a_decode_error,
        a_committed_read_waits_for_no_write,
        an_offloaded_read_gives_what_an_inline_one_does,
    }

    snapshot_reads {
        every_read_of_a_snapshot_and_a_transaction_answers_as_the_job,
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
        empty_stop_of_a_key_range_is_an_end_only_where_it_says_so,
        typed_range_within_a_prefix_selects_the_next_part,
    }

    ranges {
        std_ranges_mean_what_they_say,
        an_inclusive_end_leaves_longer_keys_out,
        an_excluded_start_keeps_longer_keys_in,
        empty_and_inverted_ranges_are_empty,
        a_key_range_with_an_empty_stop_has_no_end,
        a_range_delete_removes_what_a_scan_of_the_range_shows,
        ranges_of_typed_keys_follow_their_order,
        count_agrees_with_the_scan_for_every_pair_of_bounds,
    }

    scans {
        a_limit_of_zero_gives_nothing,
        a_limit_beyond_the_rows_gives_them_all,
        after_is_strict_in_both_directions,
        after_a_key_that_is_not_there_goes_on_behind_it,
        after_outside_the_range_stays_inside_it,
        reverse_limit_and_after_combine,
        pages_by_after_cover_every_row_once,
        a_prefix_scan_of_ff_bytes_has_no_end,
        a_prefix_that_ends_in_ff_stops_before_its_sibling,
        an_empty_prefix_is_everything,
        a_lex_prefix_finds_exactly_the_text_that_begins_with_it,
        a_lex_prefix_finds_exactly_the_sequences_that_begin_with_it,
        a_streamed_scan_gives_what_a_collected_one_does,
        a_streamed_scan_is_one_snapshot,
        a_paged_scan_sees_what_is_written_meanwhile,
        a_scan_of_keys_alone_has_the_keys_of_a_whole_one,
        a_streamed_scan_ends_with_closed_when_its_job_closes,
        a_streamed_scan_can_be_left_half_way,
        rows_outlive_their_store,
        rows_can_be_gone_through_from_both_ends,
        large_rows_are_scanned_whole,
    }

    streams {
        a_stream_gives_what_a_collected_scan_does,
        a_stream_is_one_snapshot_taken_at_its_first_poll,
        a_stream_is_read_while_its_reader_writes,
        a_row_is_not_lost_with_the_future_that_waited_for_it,
        a_stream_ends_with_closed_when_its_job_closes,
        a_stream_can_be_left_half_way,
        a_stream_keeps_its_job_open,
        it_is_a_stream_of_the_crate_that_others_build_on,
    }

    snapshots {
        an_old_iterator_expires_at_its_next_page,
        an_old_stream_expires_at_its_next_page,
        an_old_view_expires_at_its_next_call,
        a_scan_goes_on_behind_where_it_expired_however_short_the_limit,
        a_snapshot_that_nobody_reads_is_ended_by_the_next_commit,
        a_snapshot_that_nobody_reads_is_ended_by_who_begins_the_next,
        a_snapshot_within_its_limit_is_left_alone,
        a_paged_scan_never_expires,
    }

    limits {
        writers_of_a_small_queue_all_finish,
        a_batch_larger_than_the_queue_goes_in_alone,
        jobs_that_share_a_small_total_all_finish,
        an_oversize_key_is_refused_and_nothing_is_written,
        range_delete_to_a_longest_key_is_applied,
        an_oversize_category_is_refused,
        an_oversize_payload_is_refused_and_nothing_is_written,
        an_oversize_operation_refuses_its_whole_batch,
        settings_that_can_not_be_are_refused,
        limits_above_the_most_are_refused,
        a_payload_of_several_mebibytes_comes_back,
        keys_of_up_to_a_mebibyte_come_back,
    }

    housekeeping {
        stats_count_commits_and_failures,
        what_is_stored_is_found_sound,
        a_compaction_changes_no_row,
        writes_go_on_beside_housekeeping,
        housekeeping_can_be_awaited,
        a_backup_is_a_file_or_is_refused,
        housekeeping_on_the_worker_is_refused,
    }

    // Thousand reads at once, and many callers of one job.
    clients {
        a_thousand_reads_on_threads_are_all_answered,
        a_thousand_reads_as_futures_are_all_answered,
        a_scan_and_writes_go_on_side_by_side,
    }

    ]

    sqlite alone [

    // 24, 44–47, 50, 52–54
    files {
        an_encoded_struct_is_in_the_file_byte_for_byte,
        an_existing_root_is_accepted_and_its_files_left_alone,
        a_root_that_is_a_file_is_refused,
        an_empty_root_is_refused,
        the_root_is_not_created_until_the_first_job_opens,
        a_root_below_a_file_is_refused,
        opening_creates_the_root_the_file_and_a_worker,
        two_jobs_keep_their_files_apart,
        closing_joins_the_worker,
        dropping_a_job_removes_its_files,
        dropping_an_open_job_removes_its_files,
        a_relative_root_stays_where_it_was_when_opened,
        stored_jobs_are_those_with_files,
        a_dropped_jobs_leftover_is_swept_when_the_first_job_opens,
        dropping_the_last_handle_never_waits_for_a_lock,
        a_full_queue_holds_its_callers_while_the_file_is_locked,
        a_scan_that_nobody_reads_pins_the_wal_no_longer_than_its_limit,
        a_scan_ends_when_too_much_was_written_meanwhile,
    }

    ]
}
