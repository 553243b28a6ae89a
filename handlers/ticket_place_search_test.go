package handlers

import (
	"fmt"
	"net/http"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

func TestThePlaceInASearchWithMoreMatchesThanItListsHasNoTotal(t *testing.T) {
	app := newApp(t, func(o *desk.Options) { o.Limits.Tickets = limit.Limit{} })
	ana, priya := app.customer("Ana"), app.admin("Priya")
	for n := range 101 {
		ana.open(fmt.Sprintf("Battery %d", n), desk.PriorityLow)
	}
	list := priya.get("/tickets?q=battery")
	if position, _, _ := placed(priya.get(row(list, 101))); position != "1 of 100+" {
		t.Errorf("the place is %q, want 1 of 100+", position)
	}
	ana.post("/tickets/101/delete", nil).wants(t, http.StatusSeeOther)
	ana.post("/tickets/100/delete", nil).wants(t, http.StatusSeeOther)
	if position, _, _ := placed(priya.get(row(priya.get("/tickets?q=battery"), 99))); position != "1 of 99" {
		t.Errorf("the place among all matches is %q, want 1 of 99", position)
	}
}
