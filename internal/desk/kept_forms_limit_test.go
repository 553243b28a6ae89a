package desk_test

import (
	"fmt"
	"sync"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestConcurrentKeptFormsDoNotExceedTwenty(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana := h.person("ana", account.RoleCustomer)
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			if _, err := h.Requests.KeepForm(t.Context(), ana.ID, fmt.Sprintf("/tickets/%d", i), "/tickets", map[string][]string{"text": {"T"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := h.number("select count(*) from kept_forms"); n != 20 {
		t.Errorf("got %d kept forms, want 20", n)
	}
}
