"""The functions that a read step may call."""

from __future__ import annotations

from typing import Final

#: Functions that read and compute, and leave nothing behind.
_NAMES: Final = """
    abs age array_agg array_length array_position array_to_string avg bit_and bit_or bool_and bool_or btrim cardinality
    ceil ceiling char_length coalesce concat concat_ws corr count cume_dist current_database current_date current_schema
    current_setting current_time current_timestamp date_bin date_part date_trunc decode dense_rank div encode every exp
    extract first_value floor format generate_series greatest hashtext initcap json_agg json_array_elements
    json_array_length json_build_array json_build_object json_each json_each_text json_extract_path
    json_extract_path_text json_object_agg json_object_keys json_typeof jsonb_agg jsonb_array_elements
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
    jsonb_extract_path_text jsonb_object_agg jsonb_object_keys jsonb_path_query jsonb_pretty jsonb_typeof justify_days
    justify_hours justify_interval lag last_value lead least left length ln localtime localtimestamp log lower lpad
    ltrim make_date make_interval make_timestamp max md5 min mod mode nth_value ntile now nullif octet_length
    overlay percent_rank percentile_cont percentile_disc position power quote_ident quote_literal rank regexp_count
    regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regr_slope repeat replace
    reverse right round row row_number row_to_json rpad rtrim sign split_part sqrt stddev stddev_pop stddev_samp
    strpos string_agg string_to_array substr substring sum to_char to_date to_json to_jsonb to_number to_timestamp
    translate trim trunc unnest upper var_pop var_samp variance version width_bucket
    clock_timestamp statement_timestamp transaction_timestamp inet_server_addr inet_server_port
    pg_backend_pid pg_blocking_pids pg_column_size pg_current_wal_lsn pg_database_size pg_get_constraintdef
    pg_get_indexdef pg_get_viewdef pg_indexes_size pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn
    pg_last_xact_replay_timestamp pg_postmaster_start_time pg_relation_size pg_size_pretty pg_sleep pg_stat_get_activity
    pg_table_size pg_total_relation_size pg_wal_lsn_diff pg_xact_status to_regclass to_regproc obj_description
    has_table_privilege has_database_privilege has_schema_privilege has_column_privilege pg_has_role
"""
READING: Final = frozenset(_NAMES.split())
#: Words before a parenthesis that are no functions: the language's own, and types with a length.
_LANGUAGE: Final = """
    all and any array as between by case cast cross cube distinct else end except exists filter from full group grouping
    groups having ilike in inner intersect interval is isnull join lateral left like limit materialized natural not
    notnull offset on only or order outer over overlaps partition range recursive right rollup rows select sets similar
    some symmetric tablesample then ties to union using values when where window with within without zone
    bit bpchar char character decimal dec float numeric time timestamp timestamptz varbit varchar varying
"""
WORDS: Final = frozenset(_LANGUAGE.split())
