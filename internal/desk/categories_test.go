package desk_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// categoryNames returns the names of the categories that are in use, or of those that are
// retired.
func (h fixture) categoryNames(inUse bool) (names []string) {
	h.t.Helper()
	all, err := h.Categories.List(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range all {
		if (c.RetiredAt == nil) == inUse {
			names = append(names, c.Name)
		}
	}
	return names
}

// update returns a change of a category.
func update(name, do string) desk.CategoryUpdate {
	return desk.CategoryUpdate{CategoryInput: desk.CategoryInput{Name: name}, Do: do}
}

func TestCategoriesAreAddedRenamedMovedAndRetired(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	a := h.person("ana", account.RoleAdmin)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(h.Categories.Add(t.Context(), a, desk.CategoryInput{Name: " Workshop "}))
	must(h.Categories.Update(t.Context(), a, 4, update("Repairs", desk.CategoryUp)))
	must(h.Categories.Update(t.Context(), a, 1, update("Billing", desk.CategoryUp)))
	must(h.Categories.Update(t.Context(), a, 2, update("Technical", desk.CategoryRetire)))
	if got := h.categoryNames(true); !slices.Equal(got, []string{"Billing", "Repairs", "General"}) {
		t.Errorf("in use: %v", got)
	}
	must(h.Categories.Update(t.Context(), a, 2, update("Technical", desk.CategoryRestore)))
	if got := h.categoryNames(true); !slices.Equal(got, []string{"Billing", "Technical", "Repairs", "General"}) {
		t.Errorf("in use: %v", got)
	}
	if err := h.Categories.Update(t.Context(), a, 99, update("X", desk.CategoryUp)); !errors.Is(err, fault.ErrNotFound) {
		t.Error(err)
	}
}

func TestATicketWithoutACategoryGetsGeneralWhileThatIsInUse(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	check := func(when, want string) {
		t.Helper()
		in, err := h.Tickets.Defaults(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if in.Category != want {
			t.Errorf("%s: got %q, want %q", when, in.Category, want)
		}
		if in.Priority != "Medium" {
			t.Errorf("%s: got the priority %q, want Medium", when, in.Priority)
		}
		in.Subject, in.Description = "No light", "It went out."
		if got := h.opens(ana, in).Category; got != want {
			t.Errorf("%s: the ticket has the category %q, want %q", when, got, want)
		}
	}
	change := func(id int64, name, do string) {
		t.Helper()
		if err := h.Categories.Update(t.Context(), admin, id, update(name, do)); err != nil {
			t.Fatal(err)
		}
	}
	check("on a new desk", "General")
	change(3, "general", desk.CategoryRename)
	check("in other capitals", "general")
	change(3, "Other", desk.CategoryRename)
	check("after General is renamed", "Billing")
	change(2, "Technical", desk.CategoryUp)
	check("in another order", "Technical")
	change(3, "General", desk.CategoryRetire)
	check("after General is retired", "Technical")
	change(3, "General", desk.CategoryRestore)
	check("after General is restored", "General")
}

func TestACategoryNameIsUsedOnceWhateverItsCapitals(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	a := h.person("ana", account.RoleAdmin)
	err := h.Categories.Add(t.Context(), a, desk.CategoryInput{Name: "BILLING"})
	desk.WantInvalid(t, err, "name")
	err = h.Categories.Update(t.Context(), a, 2, update("general", desk.CategoryRename))
	desk.WantInvalid(t, err, "name")
	if err := h.Categories.Update(t.Context(), a, 2, update("TECHNICAL", desk.CategoryRename)); err != nil {
		t.Error("its own name in upper case:", err)
	}
}

func TestTheLastCategoryInUseStays(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	a := h.person("ana", account.RoleAdmin)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i, name := range []string{"Billing", "Technical", "General"} {
		wg.Go(func() { errs[i] = h.Categories.Update(t.Context(), a, int64(i+1), update(name, desk.CategoryRetire)) })
	}
	wg.Wait()
	if got := h.categoryNames(true); len(got) != 1 {
		t.Fatalf("in use: %v", got)
	}
	var inv *fault.Invalid
	if !errors.As(errors.Join(errs...), &inv) {
		t.Error(errs)
	}
}
