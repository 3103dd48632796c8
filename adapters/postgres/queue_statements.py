"""The SQL of the queue."""


def queue_from(first: int) -> str:
    """Return the SQL that adds a queued row by parameters of these numbers: the first, and those that follow it."""
    given = [f"${n}" for n in range(first, first + 21)]
    return f"""
insert into executions (
    id, action, state, actor, via, scopes, entry_point, arguments, parent_id, trace_id, submitted_at, space_id,
    attempt, run_at, priority, queue, retry_of, idempotency_key, fingerprint, unique_key, waits_for, output_as
) values (
    {", ".join(given[:2])}, 'queued', {", ".join(given[2:11])},
    0, coalesce({given[11]}, now()) + {given[12]} * interval '1 second', {", ".join(given[13:])}
) on conflict (unique_key) where state in ('queued', 'running') do nothing returning id
"""  # noqa: S608 - own words


PUT = f"""
with put as ({queue_from(1)})
select id, pg_current_xact_id()::text as transaction_id from put
"""  # noqa: S608 - own words
SAME = "select id from executions where unique_key = $1 and state in ('queued', 'running')"
LOCKED = "select id, state, trace_id, claim from executions where id = any($1) order by id for update"
FOLLOWED = "update executions set followed = true where id = any($1)"
FOLLOW = """
insert into followers (execution_id, position, follows_id)
select $1, position, id from unnest($2::uuid[]) with ordinality listed (id, position)
"""
END = """
update executions set state = $3, output = $4, problem = $5, finished_at = clock_timestamp(), lease_until = null,
    cancel_requested_at = case when $3 = 'cancelled' then coalesce(cancel_requested_at, clock_timestamp()) end,
    space_id = coalesce(
        space_id, $6,
        (select space_id from changes where execution_id = $1 and space_id is not null order by id limit 1)
    )
where id = $1 and claim = $2 and state = $7 and (cancel_requested_at is null or $3 = 'cancelled')
returning pg_current_xact_id()::text as transaction_id, followed
"""
AGAIN = """
update executions set state = 'queued', run_at = clock_timestamp() + $3 * interval '1 second', lease_until = null,
    sent_at = null, failures = coalesce(failures, '[]') || jsonb_build_array(jsonb_build_object(
        'attempt', attempt, 'started_at', started_at, 'ended_at', clock_timestamp(), 'problem', $4::jsonb
    ))
where id = $1 and claim = $2 and state = 'running' and cancel_requested_at is null
returning pg_current_xact_id()::text as transaction_id, false as followed
"""
REQUEST = "update executions set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) where id = $1"
LOST = """
select id, action, attempt, claim, trace_id, cancel_requested_at is not null as cancelled from executions
where state = 'running' and lease_until < clock_timestamp() order by lease_until limit $1 for update skip locked
"""
FREE = """
update executions e set waits_for = waits_for - 1, progress = jsonb_build_object(
    'total', (select count(*) from followers where execution_id = e.id),
    'done', (select count(*) from followers where execution_id = e.id) - waits_for + 1
)
where id in (
    select w.id from followers f join executions w on w.id = f.execution_id
    where f.follows_id = $1 and w.state = 'queued' order by w.id for update of w
)
returning id, trace_id, claim, waits_for, output_as
"""
OUTPUTS = """
select f.follows_id as id, e.state, e.output from followers f join executions e on e.id = f.follows_id
where f.execution_id = $1 order by f.position
"""
ARGUE = "update executions set arguments = arguments || $2 where id = $1"
