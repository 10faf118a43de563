-- How far every projection is that queries read.
select coalesce(min(position), 0) from read.position where projection in ('metrics', 'entities')
