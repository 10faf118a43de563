-- The second count, and what TimescaleDB adds where it is installed. One set for both servers: without it the second
-- count is a plain view of the same name and columns.
--
-- Its functions are named with the schema that the extension was installed in: search_path holds only our own.
do $$
declare
    extension text := (select extnamespace::regnamespace from pg_extension where extname = 'timescaledb');
begin
    if extension is null then
        create view metric_monthly_check as
            select business, date_trunc('month', day::timestamp)::date as month, category, currency,
                   sum(amount_in) as amount_in, sum(amount_out) as amount_out, sum(count) as count
            from metric_delta
            group by 1, 2, 3, 4;
        return;
    end if;

    execute format($ddl$
        select %1$s.create_hypertable('transaction', %1$s.by_range('day', interval '90 days'), create_default_indexes => false);
        select %1$s.create_hypertable('metric_delta', %1$s.by_range('day', interval '90 days'), create_default_indexes => false);
        -- A continuous aggregate may be made in a transaction where it stays empty; with materialized_only off it is
        -- complete nevertheless, and refreshes only make it faster.
        create materialized view metric_monthly_check with (timescaledb.continuous, timescaledb.materialized_only = false) as
            select business, %1$s.time_bucket(interval '1 month', day) as month, category, currency,
                   sum(amount_in) as amount_in, sum(amount_out) as amount_out, sum(count) as count
            from metric_delta
            group by 1, 2, 3, 4
            with no data;
    $ddl$, extension);

    -- Not in the Apache edition.
    begin
        alter table transaction set (timescaledb.compress, timescaledb.compress_segmentby = 'business',
            timescaledb.compress_orderby = 'day, id, valid_from');
        alter table metric_delta set (timescaledb.compress, timescaledb.compress_segmentby = 'business',
            timescaledb.compress_orderby = 'day, position');
    exception when feature_not_supported then
        raise notice 'this TimescaleDB has no compression: tables stay as rows';
    end;
end
$$;
