package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestAViewOfAnAssigneeWhoDoesNotWorkAnyMoreSaysSo(t *testing.T) {
	a, agent := viewsApp(t)
	tom := a.agent("Tom")
	id := agent.savesView("Tom", fmt.Sprintf("assignee=%d&status=ACTIVE&category=Technical", tom.id))
	agent.get("/tickets?view="+id).wants(t, 200).lacksElements(t, "#gone", ".empty a").wantsText(t, ".empty p", "No ticket is in this view.")
	a.exec("update users set disabled_at = now() where id = $1", tom.id)
	if words := agent.get("/tickets?view=" + id).text("#gone"); words != "The account of Tom is disabled: no unresolved ticket is assigned to it." {
		t.Errorf("of a disabled account: %q", words)
	}
	a.exec("update users set disabled_at = null, role = 'customer' where id = $1", tom.id)
	got := agent.get("/tickets?view=" + id)
	got.lacksElements(t, "#gone bdi")
	if text := got.text("#gone"); !strings.Contains(text, "no member of staff any more") {
		t.Errorf(`of a customer: the text of #gone is %q, want it with "no member of staff any more"`, text)
	}
	if got := agent.get("/tickets?status=OPEN&category=Billing&priority=Urgent"); got.text(".empty p") != "No ticket of this view has the chosen category and priority." {
		t.Errorf("a list without words: %q", got.text(".empty p"))
	}
}

func TestAViewOfATeamOrAssigneeThatIsNotInUseIsRefusedAndSaysWhatToDo(t *testing.T) {
	a, agent := viewsApp(t)
	a.team("Repairs", false)
	a.team("Workshop", false)
	id := agent.savesView("Repairs", "team=1&status=ACTIVE")
	a.exec("update teams set retired_at = now(), successor_id = 2 where id = 1")
	customer := a.customer("Cleo")
	for query, want := range map[string]string{
		"team=1":                             "Change “team=1” to “team=2”: Repairs is retired, and its tickets are with Workshop.",
		"team=999":                           "Change or remove “team=999”: there is no such team.",
		fmt.Sprint("assignee=", customer.id): "no member of staff has this id.",
	} {
		got := agent.post("/views", url.Values{"name": {"New"}, "query": {query}, "share": {"me"}}).wants(t, 422)
		if words := got.text("#query-0-error"); !strings.Contains(words, want) {
			t.Errorf("%s: the page says %q", query, words)
		}
	}
	got := agent.get("/tickets?view=" + id)
	if words := got.text("#retired"); words != "Team Repairs is retired: no open ticket is in it. Its tickets are now with Workshop." {
		t.Errorf("the saved view says %q", words)
	}
}

func TestAViewWhoseAssigneeIsNotInUseIsRenamedByFormAndProgram(t *testing.T) {
	a, agent := viewsApp(t)
	tom := a.agent("Tom")
	id := agent.savesView("Tom’s", fmt.Sprint("assignee=", tom.id))
	a.exec("update users set disabled_at = now() where id = $1", tom.id)
	form := agent.get("/views").doc.Find(`form[action="/views/` + id + `"]:has([name=was_query])`)
	fields := url.Values{"do": {"save"}, "share": {"me"}, "name": {"Of Tom"}}
	for _, name := range []string{"query", "was_name", "was_query", "was_share"} {
		fields.Set(name, form.Find("[name="+name+"]").AttrOr("value", ""))
	}
	agent.post("/views/"+id, fields).wants(t, 303)
	if got := agent.program().send("PUT", "/views/"+id, obj{"name": "Left by Tom"}).wants(200); got.get("query") != fields.Get("query") {
		t.Errorf("after the changes the view is %s", got.body)
	}
}
