-- name: AddInvitation :one
insert into invitations (email, email_key, role, custom_role, teams, token_hash, mail_hash, invited_by, created_at, expires_at)
values (@email, @email_key, @role, sqlc.narg('custom_role'), coalesce(@teams::bigint[], '{}'), @token_hash, sqlc.narg('mail_hash'), @invited_by, @now, @expires_at)
returning id;

-- name: ListInvitations :many
-- ListInvitations returns the open invitations, also those that have expired, the newest first.
select i.id, i.email, i.role, i.custom_role, i.created_at, i.expires_at, (i.expires_at <= @now::timestamptz)::boolean as expired, u.username as invited_by,
       i.teams, array(select t.name from teams t where t.id = any(i.teams) order by lower(t.name))::text[] as team_names
from invitations i join users u on u.id = i.invited_by
where i.accepted_at is null and i.revoked_at is null
order by i.id desc limit 200;

-- name: GetInvitation :one
-- GetInvitation returns an open invitation, also one that has expired.
select i.id, i.email, i.role, i.custom_role, r.permissions, i.teams
from invitations i left join roles r on r.name = i.custom_role
where i.id = @id and i.accepted_at is null and i.revoked_at is null;

-- name: RenewInvitation :execrows
-- RenewInvitation gives an open invitation another link. The old one is no longer valid, nor is the
-- mailed one.
update invitations set token_hash = @token_hash, mail_hash = sqlc.narg('mail_hash'), expires_at = @expires_at, invited_by = @invited_by, created_at = @now
where id = @id and accepted_at is null and revoked_at is null;

-- name: RevokeInvitation :execrows
update invitations set revoked_at = @now where id = @id and accepted_at is null and revoked_at is null;

-- name: InvitationByToken :one
-- InvitationByToken returns the invitation of a link that is still valid, and the role of its
-- sender, who must still be able to give the role of the invitation.
select i.id, i.email, i.email_key, i.role, i.custom_role, r.permissions, u.username as sender, u.role as sender_role, u.custom_role as sender_custom_role, u.permissions as sender_permissions,
       array(select t.name from teams t where t.id = any(i.teams) and t.retired_at is null order by lower(t.name))::text[] as team_names,
       coalesce(i.mail_hash = @token_hash, false)::boolean as mailed
from invitations i
join users u on u.id = i.invited_by and u.disabled_at is null
left join roles r on r.name = i.custom_role
where (i.token_hash = @token_hash or i.mail_hash = @token_hash) and i.accepted_at is null and i.revoked_at is null and i.expires_at > @now::timestamptz;

-- name: AcceptInvitation :execrows
-- AcceptInvitation uses an invitation up. A second request changes no row.
update invitations set accepted_at = @now::timestamptz, accepted_by = @accepted_by::bigint
where id = @id and (token_hash = @token_hash or mail_hash = @token_hash) and accepted_at is null and revoked_at is null and expires_at > @now::timestamptz;

-- name: CountTeamsInUse :one
-- CountTeamsInUse counts the given teams that are not retired.
select count(*) from teams where id = any(@teams::bigint[]) and retired_at is null;

-- name: CountClosedTeams :one
-- CountClosedTeams counts the given private teams to which a user may not add members: they neither see the tickets of
-- all private teams nor are a lead of it.
select count(*) from teams t join users u on u.id = @user_id
where t.id = any(@teams::bigint[]) and t.private and reach_of(u.role, u.permissions) <> 'all'
  and not exists (select from team_members m where m.team_id = t.id and m.user_id = u.id and m.lead);

-- name: JoinInvitedTeams :exec
-- JoinInvitedTeams makes a user a member of the teams of an invitation that are not retired, and to which its sender may
-- still add members, see CountClosedTeams. A member stays as they are.
insert into team_members (team_id, user_id)
select t.id, @user_id from invitations i join teams t on t.id = any(i.teams) and t.retired_at is null join users u on u.id = i.invited_by
where i.id = @id and (not t.private or reach_of(u.role, u.permissions) = 'all'
    or exists (select from team_members m where m.team_id = t.id and m.user_id = u.id and m.lead))
on conflict do nothing;

-- name: SweepInvitations :execrows
delete from invitations where ctid = any(array(select o.ctid from invitations o where o.created_at < @before and (o.accepted_at is not null or o.revoked_at is not null or o.expires_at < @before) limit @max for update skip locked));
