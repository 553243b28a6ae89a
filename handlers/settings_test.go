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
	if !page.has("#first_reply_assigns[checked]") || page.value("#invitation_days") != "7" {
		t.Errorf("the defaults are not shown: %s", page.text("form[action='/admin/settings']"))
	}
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
		if got.StatusCode != http.StatusUnprocessableEntity || got.text("#invitation_days-error") == "" || !got.has(".error-summary a[href='#invitation_days']") {
			t.Errorf("%q: %d %q", typed, got.StatusCode, got.text(".error-summary"))
		}
		if text := got.text("#invitation_days-error"); text != "Error: Write a whole number from 1 to 90." {
			t.Errorf("%q: the error is %q", typed, text)
		}
		if got.value("#invitation_days") != typed || !got.has("#first_reply_assigns[checked]") {
			t.Errorf("%q was typed, the form has %q", typed, got.value("#invitation_days"))
		}
	}
}

func TestANumberOfTheSettingsMayHaveSpaceAroundIt(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	back := priya.follow(priya.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"25\n"}, "invitation_days": {" 9 "}}))
	if tickets, days := back.value("#open_tickets_per_agent"), back.value("#invitation_days"); tickets != "25" || days != "9" {
		t.Errorf("the form has %q and %q, want 25 and 9", tickets, days)
	}
}

func TestTwoAdminsDoNotOverwriteEachOthersSettings(t *testing.T) {
	app := newApp(t)
	priya, tom := app.admin("Priya"), app.admin("Tom")
	priya.post("/admin/settings", url.Values{"version": {"1"}, "first_reply_assigns": {"true"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"14"}})
	got := tom.post("/admin/settings", url.Values{"version": {"1"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"30"}})
	if got.StatusCode != http.StatusConflict || !got.has("#stale") {
		t.Errorf("got %d, want %d with a notice", got.StatusCode, http.StatusConflict)
	}
	if got.value("#invitation_days") != "30" || !strings.Contains(got.text("#invitation_days-hint"), "Saved by the other admin: 14.") {
		t.Errorf("the form has %q and the hint %q", got.value("#invitation_days"), got.text("#invitation_days-hint"))
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
		if got := program.send(http.MethodPut, "/settings", body); got.StatusCode != http.StatusOK || got.get("version") != 2.0 {
			t.Errorf("%v: got %d %s, want %d and version 2", body, got.StatusCode, got.body, http.StatusOK)
		}
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
	if got.value("#invitation_days") != "30" || !strings.Contains(got.text("#invitation_days-hint"), "Saved by the other admin: 14.") {
		t.Errorf("the form has %q and the hint %q", got.value("#invitation_days"), got.text("#invitation_days-hint"))
	}
}
