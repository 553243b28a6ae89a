package desk_test

import (
	"errors"
	"slices"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// stored inserts an account without a key, as older versions of the program did.
func (h fixture) stored(email string) (id int64) {
	h.t.Helper()
	return h.number("insert into users (username, email, password_hash) values ('Ana', $1, $2) returning id", email, account.HashPassword("twelve letters"))
}

// register creates an account with the address.
func (h fixture) register(email string) error {
	h.t.Helper()
	_, err := h.Accounts.Registrations.Register(h.t.Context(), account.RegisterInput{Username: "Ana", Email: email, Password: "a long enough password"}, somewhere)
	return err
}

func TestAnAddressCannotBeRegisteredInAnotherSpelling(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	for _, email := range []string{"ana@example.org", "ana@bücher.example"} {
		if err := h.register(email); err != nil {
			t.Fatal(err)
		}
	}
	for _, spelling := range []string{"ana\u200b@example.org", "\ufeffana@example.org", "ANA@EXAMPLE.ORG", "ａｎａ@example.org", "ana@xn--bcher-kva.example", "ana@BU\u0308CHER.example"} {
		if err := h.register(spelling); !errors.Is(err, fault.ErrEmailTaken) {
			t.Errorf("%q: got %v, want it taken", spelling, err)
		}
	}
}

func TestEverySpellingOfAnAddressSignsInToItsAccount(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	if err := h.register("ana@bücher.example"); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{"ana@bücher.example", "ana@xn--bcher-kva.example", "ANA@BÜCHER.example", "ana\u200b@bu\u0308cher.example", " \u202aana@bücher.example\u202c"} {
		if who, err := signIn(h, spelling, "a long enough password"); err != nil || who.Email != "ana@bücher.example" {
			t.Errorf("%q: got %q, %v", spelling, who.Email, err)
		}
	}
}

func TestAnAccountStoredBeforeTheKeysIsFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	id := h.stored("Ana@xn--bcher-kva.example")
	plain := h.stored("Boris@Example.org")
	if who, err := signIn(h, "ana@XN--bcher-kva.example", "twelve letters"); err != nil || who.ID != id {
		t.Errorf("before the key is computed: got account %d, %v; want %d", who.ID, err, id)
	}
	if duplicates, err := h.settle(); err != nil || len(duplicates) != 0 {
		t.Fatalf("got the duplicates %v, %v; want none", duplicates, err)
	}
	who, err := signIn(h, "ana@bücher.example", "twelve letters")
	if err != nil {
		t.Fatalf("in letters: %v", err)
	}
	if who.ID != id {
		t.Errorf("in letters: the ID is %d, want %d", who.ID, id)
	}
	if who.Email != "Ana@bücher.example" {
		t.Errorf(`in letters: the email is %q, want "Ana@bücher.example"`, who.Email)
	}
	who, err = signIn(h, "boris@example.org", "twelve letters")
	if err != nil {
		t.Fatalf("in ASCII: %v", err)
	}
	if who.ID != plain {
		t.Errorf("in ASCII: the ID is %d, want %d", who.ID, plain)
	}
	if who.Email != "Boris@Example.org" {
		t.Errorf(`in ASCII: the email is %q, want "Boris@Example.org"`, who.Email)
	}
}

func TestOldDuplicateAccountsAreReportedAndKeepWorking(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	other := h.stored("ana\u200b@example.org")
	kept := h.stored("ana@example.org")
	ascii, letters := h.stored("b@xn--bcher-kva.example"), h.stored("b@bücher.example")
	duplicates, err := h.settle()
	want := []account.Duplicate{{Kind: "account", ID: kept, OtherID: other, Name: "ana@example.org", Other: "ana\u200b@example.org"}, {Kind: "account", ID: ascii, OtherID: letters, Name: "b@xn--bcher-kva.example", Other: "b@bücher.example"}}
	if err != nil || !slices.Equal(duplicates, want) {
		t.Fatalf("got the duplicates %+v, %v; want %+v", duplicates, err, want)
	}
	for email, id := range map[string]int64{"ana\u200b@example.org": other, "ana@example.org": kept, "ANA@example.org": kept, "ana\ufeff@example.org": kept,
		"b@xn--bcher-kva.example": ascii, "b@bücher.example": letters, "b@xn--BCHER-KVA.example": ascii, "b\u200b@bücher.example": ascii} {
		if who, err := signIn(h, email, "twelve letters"); err != nil || who.ID != id {
			t.Errorf("%q: got account %d, %v; want %d", email, who.ID, err, id)
		}
	}
	if again, err := h.settle(); err != nil || !slices.Equal(again, want) {
		t.Errorf("the second time: got %+v, %v; want the same", again, err)
	}
}

func TestADuplicateAccountChangesItsNameAndKeepsItsAddress(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	kept, other := h.stored("ana@example.org"), h.stored("ana\u200b@example.org")
	if _, err := h.settle(); err != nil {
		t.Fatal(err)
	}
	actor := account.Actor{ID: other, Email: "ana\u200b@example.org", Role: account.RoleCustomer}
	in := account.ProfileInput{Username: "Ana K.", Email: actor.Email, Current: "twelve letters"}
	if _, err := h.Accounts.ChangeProfile(t.Context(), actor, in); err != nil {
		t.Fatalf("another name: %v", err)
	}
	who, err := signIn(h, actor.Email, "twelve letters")
	if err != nil {
		t.Fatal(err)
	}
	if who.ID != other {
		t.Errorf("the ID is %d, want %d", who.ID, other)
	}
	if who.Username != "Ana K." {
		t.Errorf(`the username is %q, want "Ana K."`, who.Username)
	}
	in.Email = "ana.k@example.org"
	if _, err := h.Accounts.ChangeProfile(t.Context(), actor, in); err != nil {
		t.Fatalf("another address: %v", err)
	}
	if duplicates, err := h.settle(); err != nil || len(duplicates) != 0 {
		t.Errorf("got the duplicates %v, %v; want none", duplicates, err)
	}
	if who, err := signIn(h, "ANA.k@example.org", "twelve letters"); err != nil || who.ID != other {
		t.Errorf("got account %d, %v; want %d", who.ID, err, other)
	}
	if who, err := signIn(h, "ana\u200b@example.org", "twelve letters"); err != nil || who.ID != kept {
		t.Errorf("its old spelling: got account %d, %v; want %d", who.ID, err, kept)
	}
}

func TestAnAccountIsNoDuplicateAfterTheOtherAddressHasChanged(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	kept, other := h.stored("ana@example.org"), h.stored("ana\u200b@example.org")
	if _, err := h.settle(); err != nil {
		t.Fatal(err)
	}
	in := account.ProfileInput{Username: "Ana", Email: "ana.k@example.org", Current: "twelve letters"}
	if _, err := h.Accounts.ChangeProfile(t.Context(), account.Actor{ID: kept, Email: "ana@example.org", Role: account.RoleCustomer}, in); err != nil {
		t.Fatal(err)
	}
	if duplicates, err := h.settle(); err != nil || len(duplicates) != 0 {
		t.Errorf("got the duplicates %v, %v; want none", duplicates, err)
	}
	if who, err := signIn(h, "Ana@example.org", "twelve letters"); err != nil || who.ID != other {
		t.Errorf("got account %d, %v; want %d", who.ID, err, other)
	}
}

func TestAnAddressChangedByAnOlderVersionGetsItsKeyAgain(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	if err := h.register("ana@bücher.example"); err != nil {
		t.Fatal(err)
	}
	h.exec("update users set email = 'ana@xn--mnchen-3ya.example'")
	if _, err := h.settle(); err != nil {
		t.Fatal(err)
	}
	if err := h.register("ana@münchen.example"); !errors.Is(err, fault.ErrEmailTaken) {
		t.Errorf("the new address: got %v, want it taken", err)
	}
	if err := h.register("ana@bücher.example"); err != nil {
		t.Errorf("the old address: got %v, want it free", err)
	}
}

func TestOperatorsNameAnAccountInAnySpelling(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	if err := h.register("ana@bücher.example"); err != nil {
		t.Fatal(err)
	}
	if err := h.Accounts.Operator.SetRole(t.Context(), "ANA@xn--bcher-kva.example", string(account.RoleAdmin)); err != nil {
		t.Errorf("make admin: %v", err)
	}
	if _, err := h.Accounts.Operator.ResetPassword(t.Context(), "ana@bu\u0308cher.example"); err != nil {
		t.Errorf("reset password: %v", err)
	}
	if _, err := h.Accounts.Operator.ResetPassword(t.Context(), "nobody@example.org"); err == nil {
		t.Error("an unknown address is accepted")
	}
}

func TestACategoryIsUniqueAndFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	boss, ana := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer)
	if err := h.Categories.Add(t.Context(), boss, desk.CategoryInput{Name: "Café"}); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{"Cafe\u0301", "CAFÉ", "Ca\u200bfé", "Café\u2800", "ＣＡＦＥ\u0301"} {
		err := h.Categories.Add(t.Context(), boss, desk.CategoryInput{Name: spelling})
		desk.WantInvalid(t, err, "name", spelling)
		in := anInput("")
		in.Category = spelling
		if got := h.opens(ana, in); got.Category != "Café" {
			t.Errorf("a ticket in %q: got the category %q, want Café", spelling, got.Category)
		}
		if page, err := h.Lists.Page(t.Context(), ana, ticketquery.Filter{Category: spelling}); err != nil || page.Filter.Category != "Café" {
			t.Errorf("a filter by %q: got %q, %v; want Café", spelling, page.Filter.Category, err)
		}
	}
	var inv *fault.Invalid
	if err := h.Categories.Add(t.Context(), boss, desk.CategoryInput{Name: "Bil\u202egnil"}); !errors.As(err, &inv) {
		t.Errorf("a name with a direction control: got %v, want it refused", err)
	}
}

func TestOldDuplicateCategoriesAreReportedAndKeepWorking(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	boss, ana := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer)
	other := h.number("insert into categories (name, position) values (E'Cafe\\u0301', 4) returning id")
	kept := h.number("insert into categories (name, position) values ('Café', 5) returning id")
	want := []account.Duplicate{{Kind: "category", ID: kept, OtherID: other, Name: "Café", Other: "Cafe\u0301"}}
	for range 2 {
		if duplicates, err := h.settle(); err != nil || !slices.Equal(duplicates, want) {
			t.Fatalf("got the duplicates %+v, %v; want %+v", duplicates, err, want)
		}
	}
	for name, id := range map[string]int64{"Cafe\u0301": other, "Café": kept, "CAFÉ": kept} {
		in := anInput("")
		in.Category = name
		if got := h.opens(ana, in); got.CategoryID != id {
			t.Errorf("%q: got category %d, want %d", name, got.CategoryID, id)
		}
	}
	move := desk.CategoryUpdate{CategoryInput: desk.CategoryInput{Name: "Cafe\u0301"}, Do: desk.CategoryUp}
	if err := h.Categories.Update(t.Context(), boss, other, move); err != nil {
		t.Errorf("move the duplicate: %v", err)
	}
	move = desk.CategoryUpdate{CategoryInput: desk.CategoryInput{Name: "Coffee"}, Do: desk.CategoryRename}
	if err := h.Categories.Update(t.Context(), boss, other, move); err != nil {
		t.Errorf("rename the duplicate: %v", err)
	}
	if duplicates, err := h.settle(); err != nil || len(duplicates) != 0 {
		t.Errorf("after that: got the duplicates %+v, %v; want none", duplicates, err)
	}
}

// settle computes the keys of all identifiers, as the program does when it starts.
func (h fixture) settle() ([]account.Duplicate, error) {
	addresses, err := h.Accounts.Addresses.Normalise(h.t.Context())
	if err != nil {
		return nil, err
	}
	categories, err := h.Categories.Normalise(h.t.Context())
	return append(addresses, categories...), err
}
