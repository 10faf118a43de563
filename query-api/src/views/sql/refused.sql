-- Syncs since the last good one whose answers were refused or not understood. $1 source.
select count(*) from connectors.sync s join connectors.connection c using (source)
where s.source = $1 and s.outcome = 'failed' and c.health = 'failing'
    and s.began_at > coalesce(c.succeeded_at, '-infinity')
