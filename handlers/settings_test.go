package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSettingsAreChangedOnTheirPage(t *testing.T) {
	app := newApp(t)
	app.exec("update settings set values = '{}'")
	priya := app.admin("Priya")
	page := priya.get("/admin/settings")
	page.wantsElements(t, "#first_reply_assigns[checked]").wantsValues(t, map[string]string{"#invitation_days": "7"})
	if got := page.text("#invitation_days-hint"); !strings.Contains(got, "Default: 7.") {
		t.Errorf("the hint does not name the default: %q", got)
	}
	back := priya.follow(priya.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"14"}}))
	if back.has("#first_reply_assigns[checked]") {
		t.Error("after saving: the page has #first_reply_assigns[checked]")
	}
	if value := back.value("#invitation_days"); value != "14" {
		t.Errorf("after saving: the value of #invitation_days is %q, want %q", value, "14")
	}
	if text := back.text("#flash"); text != "The settings are saved." {
		t.Errorf("after saving: the text of #flash is %q, want %q", text, "The settings are saved.")
	}
}

func TestASettingsErrorIsShownAtItsField(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	for _, typed := range []string{"", "0", "91", "seven", "1e1", "1e20", "100000000000000000000"} {
		got := priya.post("/admin/settings", url.Values{"version": {"1"}, "first_reply_assigns": {"true"}, "open_tickets_per_agent": {"20"}, "invitation_days": {typed}})
		got.wants(t, http.StatusUnprocessableEntity)
		if text := got.text("#invitation_days-error"); text == "" {
			t.Errorf("%q: the text of #invitation_days-error is empty", typed)
		}
		if text := got.text(".error-summary a[href='#invitation_days']"); text != "Days an invitation is valid: Write a whole number from 1 to 90." {
			t.Errorf("%q: the summary has %q", typed, text)
		}
		if text := got.text("#invitation_days-error"); text != "Error: Write a whole number from 1 to 90." {
			t.Errorf("%q: the error is %q", typed, text)
		}
		got.wantsValues(t, map[string]string{"#invitation_days": typed}).wantsElements(t, "#first_reply_assigns[checked]")
	}
}

func TestANumberOfTheSettingsMayHaveSpaceAroundIt(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	back := priya.follow(priya.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"25\n"}, "invitation_days": {" 9 "}}))
	tickets, days := back.value("#open_tickets_per_agent"), back.value("#invitation_days")
	if tickets != "25" {
		t.Errorf(`the tickets are %q, want "25"`, tickets)
	}
	if days != "9" {
		t.Errorf(`the days are %q, want "9"`, days)
	}
}

func TestTwoAdminsDoNotOverwriteEachOthersSettings(t *testing.T) {
	app := newApp(t)
	priya, tom := app.admin("Priya"), app.admin("Tom")
	priya.post("/admin/settings", url.Values{"version": {"1"}, "first_reply_assigns": {"true"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"14"}})
	got := tom.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"30"}})
	got.wants(t, http.StatusConflict).wantsElements(t, "#stale")
	got.wantsValues(t, map[string]string{"#invitation_days": "30"})
	if text := got.text("#invitation_days-hint"); !strings.Contains(text, "Saved by the other admin: 14.") {
		t.Errorf(`the text of #invitation_days-hint is %q, want it with "Saved by the other admin: 14."`, text)
	}
	back := tom.follow(tom.post("/admin/settings", url.Values{"version": {got.value("[name=version]")}, "open_tickets_per_agent": {"20"}, "invitation_days": {"30"}}))
	if back.value("#invitation_days") != "30" {
		t.Errorf("sent again: the form has %q, want 30", back.value("#invitation_days"))
	}
}

func TestTheSettingsInTheAPIChangeOnlyWhatWasSent(t *testing.T) {
	app := newApp(t)
	app.exec("update settings set values = '{}'")
	program := app.admin("Priya").program()
	program.send(http.MethodPut, "/settings", obj{"invitationDays": 3}).wants(http.StatusOK).wantsValues(obj{"firstReplyAssigns": true, "invitationDays": 3.0, "version": 2.0})
	for _, c := range []struct {
		body obj
		want int
	}{
		{obj{"invitationDays": 0}, http.StatusBadRequest}, {obj{"invitationDays": "x"}, http.StatusBadRequest},
		{obj{"firstReplyAssigns": "maybe"}, http.StatusBadRequest}, {obj{"invitationDays": 4, "version": 1}, http.StatusConflict},
	} {
		if got := program.send(http.MethodPut, "/settings", c.body); got.StatusCode != c.want {
			t.Errorf("%v: got %d, want %d", c.body, got.StatusCode, c.want)
		}
	}
	for _, body := range []obj{{}, {"nope": 1}, {"invitationDays": 3}, {"invitationDays": 3, "version": 2}} { // nothing changes
		program.send(http.MethodPut, "/settings", body).wants(http.StatusOK).wantsValues(obj{"version": 2.0})
	}
}

func TestSettingsReachTheOtherReplica(t *testing.T) {
	app := newApp(t)
	other := newAppOn(t, app.pool)
	go other.desk.Settings.Run(t.Context())
	app.admin("Priya").post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"9"}})
	waitFor(t, "the replica has the new settings", func() bool { return other.desk.Settings.Current().InvitationDays == 9 })
}

func TestSettingsFromAnEndedSessionDoNotReplaceNewerOnesUnnoticed(t *testing.T) {
	app := newApp(t)
	priya, tom := app.admin("Priya"), app.admin("Tom")
	app.exec("update sessions set revoked_at = now() where user_id = $1", tom.id)
	tom.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"30"}})
	priya.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"14"}}).wants(t, http.StatusSeeOther)
	tom.signIn()
	got := tom.get("/admin/settings")
	got.wantsValues(t, map[string]string{"#invitation_days": "30"})
	if text := got.text("#invitation_days-hint"); !strings.Contains(text, "Saved by the other admin: 14.") {
		t.Errorf(`the text of #invitation_days-hint is %q, want it with "Saved by the other admin: 14."`, text)
	}
}
