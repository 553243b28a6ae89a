package api

import (
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/openapi"
)

// The descriptions of the endpoints about staff, in the order of the routes.
var (
	locationHeader = map[string]openapi.Header{"Location": sometimes("Its address.")}

	DocShowAway = Doc{group: groupStaff, id: "showAway", summary: "Read whether you are away", cached: true,
		good: map[int]string{200: "Whether you are away.", 304: readBefore}, out: JSONAway{}, bad: map[int]string{403: onlyManagers}}
	DocSetAway = Doc{group: groupStaff, id: "setAway", summary: "Be away, or come back", some: true,
		text: "Away, you get no tickets automatically, and your tickets that are reopened go to their team. On the day of your return it ends.",
		in:   JSONAwayInput{}, sample: `{"away":true,"back":"2026-12-07"}`,
		good: map[int]string{200: "Whether you are away now."}, out: JSONAway{}, bad: map[int]string{403: onlyManagers}}
	DocFindStaff = Doc{group: groupStaff, id: "findStaff", summary: "Find staff", query: staffQuery{}, cached: true, sample: "?q=Lena",
		text: "For staff. At most 20, those first whose whole name or e-mail address it is.",
		good: map[int]string{200: "The staff.", 304: readBefore}, out: []JSONColleague{}, bad: map[int]string{403: onlyManagers}}

	DocListTeams = Doc{group: groupStaff, id: "listTeams", summary: "List teams", cached: true,
		text: "For staff. The teams in use come first.",
		good: map[int]string{200: "The teams.", 304: readBefore}, out: []JSONTeam{}, bad: map[int]string{403: onlyManagers}}
	DocAddTeam = Doc{group: groupStaff, id: "addTeam", summary: "Add a team", once: true,
		in: desk.TeamInput{}, sample: `{"name":"Repairs","private":false}`,
		good: map[int]string{201: "The new team."}, out: JSONTeam{}, headers: locationHeader, bad: map[int]string{403: onlyManagers}}
	DocShowTeam = Doc{group: groupStaff, id: "showTeam", summary: "Read a team", cached: true,
		good: map[int]string{200: "The team.", 304: readBefore}, out: JSONTeam{}}
	DocUpdateTeam = Doc{group: groupStaff, id: "updateTeam", summary: "Rename a team, or make it private", some: true,
		text: "Fields that you do not send stay as they are. Active tickets of a private team that are assigned to others are unassigned.",
		in:   desk.TeamInput{}, sample: `{"private":true}`,
		good: map[int]string{200: "The team as it is now."}, out: JSONTeam{}}
	DocRetireTeam = Doc{group: groupStaff, id: "retireTeam", summary: "Retire a team",
		text: "Its active tickets move to another team, or to none. Finished ones stay. No ticket can get into it any more.",
		in:   desk.RetireInput{}, sample: `{"team":"2"}`,
		good: map[int]string{200: "The team as it is now."}, out: JSONTeam{}}
	DocRestoreTeam = Doc{group: groupStaff, id: "restoreTeam", summary: "Put a retired team back into use",
		text: "Tickets that were moved stay where they are.",
		good: map[int]string{200: "The team as it is now."}, out: JSONTeam{}, bad: readsBody}
	DocListMembers = Doc{group: groupStaff, id: "listMembers", summary: "List the members of a team", cached: true,
		text: "For its leads, and for those who manage teams. Leads come first.",
		good: map[int]string{200: "The members.", 304: readBefore}, out: []JSONMember{}}
	DocPutMember = Doc{group: groupStaff, id: "putMember", summary: "Add a member to a team, or change whether they lead it", some: true,
		text: "For its leads, and for those who manage teams. It changes only this member, so that two clients at once lose nothing.",
		in:   JSONMembership{}, sample: `{"lead":true}`,
		good: map[int]string{204: "The user is a member."}}
	DocRemoveMember = Doc{group: groupStaff, id: "removeMember", summary: "Remove a member from a team",
		text: "For its leads, and for those who manage teams. The active tickets that the user may not read any more are unassigned.",
		good: map[int]string{204: "The user is no member any more."}}

	DocListRoles = Doc{group: groupStaff, id: "listRoles", summary: "List the roles that admins have made", cached: true,
		text: "The built-in roles agent and admin are not among them.",
		good: map[int]string{200: "The roles.", 304: readBefore}, out: []JSONRole{}, bad: map[int]string{403: onlyManagers}}
	DocAddRole = Doc{group: groupStaff, id: "addRole", summary: "Add a role", once: true,
		text: "A role cannot have permissions that you do not have.",
		in:   account.RoleInput{}, sample: `{"name":"Light agent","seeAll":true,"note":true}`,
		good: map[int]string{201: "The new role."}, out: JSONRole{}, headers: locationHeader, bad: map[int]string{403: onlyManagers}}
	DocShowRole = Doc{group: groupStaff, id: "showRole", summary: "Read a role", cached: true,
		good: map[int]string{200: "The role.", 304: readBefore}, out: JSONRole{}}
	DocUpdateRole = Doc{group: groupStaff, id: "updateRole", summary: "Change a role", some: true,
		text: "Fields that you do not send stay as they are. It applies to the users of the role at once. Active tickets that they may not read any more are unassigned.",
		in:   account.RoleInput{}, sample: `{"reply":true,"version":1}`,
		good: map[int]string{200: "The role as it is now."}, out: JSONRole{},
		bad: map[int]string{409: "Another user has changed the role since the version that you sent."}}
	DocDeleteRole = Doc{group: groupStaff, id: "deleteRole", summary: "Delete a role",
		good: map[int]string{204: "The role is deleted."},
		bad:  map[int]string{409: "A user has the role, or an open invitation gives it."}}

	DocListInvitations = Doc{group: groupStaff, id: "listInvitations", summary: "List open invitations", cached: true,
		text: "Those that were neither accepted nor revoked, the newest first, at most 200. Their links are not stored.",
		good: map[int]string{200: "The invitations.", 304: readBefore}, out: []JSONInvitation{}, bad: map[int]string{403: onlyManagers}}
	DocInvite = Doc{group: groupStaff, id: "invite", summary: "Invite a member of staff", once: true,
		text: "You send the link yourself. It is valid once, for as many days as the settings say.",
		in:   account.InviteInput{}, sample: `{"email":"lena@example.org","role":"agent","teams":[2]}`,
		good: map[int]string{201: "The link."}, out: JSONInvitationLink{}, bad: map[int]string{403: onlyManagers}}
	DocRenewInvitation = Doc{group: groupStaff, id: "renewInvitation", summary: "Replace the link of an invitation",
		text: "The old link is no longer valid.",
		good: map[int]string{200: "The new link."}, out: JSONInvitationLink{}}
	DocRevokeInvitation = Doc{group: groupStaff, id: "revokeInvitation", summary: "Revoke an invitation",
		good: map[int]string{204: "Its link is not valid any more."}}

	// readsBody is the description of 400 of an endpoint that reads a body without fields.
	readsBody = map[int]string{400: failureText[400], 413: failureText[413], 415: failureText[415]}
)
