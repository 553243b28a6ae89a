package handlers

import (
	"strings"
	"testing"
)

func TestProgramsOfStaffKeepViews(t *testing.T) {
	a, agent := viewsApp(t)
	program, admin := agent.program(), a.admin("Priya").program()
	made := program.send("POST", "/views", obj{"name": "Hot", "query": "status=OPEN&priority=Urgent"}).wants(201)
	if value := made.get("query"); value != "priority=Urgent&status=OPEN" {
		t.Errorf("query is %v, want %v", value, "priority=Urgent&status=OPEN")
	}
	if value := made.get("share"); value != "me" {
		t.Errorf("share is %v, want %v", value, "me")
	}
	if value := made.get("pinned"); value != true {
		t.Errorf("pinned is %v, want %v", value, true)
	}
	if value := made.Header.Get("Location"); value != "/api/views/1" {
		t.Errorf("Location is %q, want %q", value, "/api/views/1")
	}
	program.send("POST", "/views", obj{"name": "Cold", "query": "status=LOST"}).wants(400)
	changed := program.send("PUT", "/views/1", obj{"name": "Hotter", "pinned": false}).wants(200)
	if value := changed.get("name"); value != "Hotter" {
		t.Errorf("after a change: name is %v, want %v", value, "Hotter")
	}
	if value := changed.get("query"); value != "priority=Urgent&status=OPEN" {
		t.Errorf("after a change: query is %v, want %v", value, "priority=Urgent&status=OPEN")
	}
	if value := changed.get("pinned"); value != false {
		t.Errorf("after a change: pinned is %v, want %v", value, false)
	}
	admin.send("GET", "/views/1", nil).wants(404)
	admin.send("POST", "/views", obj{"name": "All", "share": "everybody"}).wants(201)
	program.send("PUT", "/views/2", obj{"pinned": true}).wants(200).wantsValues(obj{"pinned": true, "mayChange": false})
	program.send("PUT", "/views/2", obj{"name": "Mine"}).wants(403)
	program.send("DELETE", "/views/1", nil).wants(204)
	got := string(program.send("GET", "/views", nil).wants(200).body)
	if strings.Contains(got, "Hotter") {
		t.Errorf(`after the deletion: got %q, want it without "Hotter"`, got)
	}
	if !strings.Contains(got, `"name":"All"`) {
		t.Errorf("after the deletion: got %q, want it with %q", got, `"name":"All"`)
	}
}

func TestWithoutRoomForAPinTheAnswerSaysSo(t *testing.T) {
	a, agent := viewsApp(t)
	program := agent.program()
	a.exec("insert into views (name, name_key, query, owner_id, position) select 'View ' || n, 'view ' || n, '', $1, n from generate_series(1, 20) n", agent.id)
	a.exec("insert into view_pins (user_id, view_id) select $1, id from views", agent.id)
	const want = "Unpin another view first: the sidebar has room for 20."
	if got := program.send("POST", "/views", obj{"name": "Hot", "pinned": true}).wants(400); got.get("fields.pinned") != want {
		t.Errorf("a new view: got %s", got.body)
	}
	made := program.send("POST", "/views", obj{"name": "Hot"}).wants(201)
	if made.get("pinned") != false {
		t.Errorf("a new view without pinned: got %s", made.body)
	}
	address := strings.TrimPrefix(made.Header.Get("Location"), "/api")
	if got := program.send("PUT", address, obj{"name": "Hotter", "pinned": true}).wants(400); got.get("fields.pinned") != want {
		t.Errorf("a change: got %s", got.body)
	}
	if got := program.send("GET", address, nil).wants(200); got.get("name") != "Hot" {
		t.Errorf("after a refused change the name is %v, want Hot", got.get("name"))
	}
	id := agent.savesView("Cold", "status=OPEN")
	if got := agent.get("/tickets?view=" + id).text("#flash p"); !strings.Contains(got, "It is not pinned: the list beside your tickets has room for 20 views.") {
		t.Errorf("after the form the page says %q", got)
	}
	program.send("PUT", "/views/1", obj{"pinned": false}).wants(200)
	if got := program.send("POST", "/views", obj{"name": "Warm", "pinned": false}).wants(201); got.get("pinned") != false {
		t.Errorf("a new view with pinned false: got %s", got.body)
	}
}
