package desk_test

import (
	"errors"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// replicas returns two desks on one database, which lock keys for the given time.
func replicas(t *testing.T, hold time.Duration) (one, other fixture) {
	one = newFixtureWithFiles(t)
	other = fixture{desk.New(one.pool, desk.Options{}), t, one.pool}
	one.Requests.SetKeyLockTime(hold)
	other.Requests.SetKeyLockTime(hold)
	return one, other
}

var sameRequest = []desk.Request{{Seal: []byte("s"), Hash: []byte("h")}}

// passes waits until the clock of the database has advanced by d.
func (h fixture) passes(d time.Duration) {
	h.t.Helper()
	h.exec("select pg_sleep($1)", d.Seconds())
}

func TestAKeyIsFreeSoonAfterItsProcessHasDied(t *testing.T) {
	t.Parallel()
	one, other := replicas(t, 200*time.Millisecond)
	ana := one.person("ana", account.RoleCustomer)
	hold, _, err := one.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatal(err)
	}
	hold.Release() // as if the process had been killed
	for {
		again, _, err := other.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
		if err == nil {
			again.Release()
			return
		}
		if !errors.Is(err, fault.ErrUnderWay) {
			t.Fatal(err)
		}
		one.passes(10 * time.Millisecond)
	}
}

func TestASlowRequestKeepsItsKey(t *testing.T) {
	t.Parallel()
	one, other := replicas(t, time.Second)
	ana := one.person("ana", account.RoleCustomer)
	hold, _, err := one.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	for range 5 {
		one.passes(600 * time.Millisecond)
		if _, _, err := other.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest); !errors.Is(err, fault.ErrUnderWay) {
			t.Fatalf("during the request: got %v, want %v", err, fault.ErrUnderWay)
		}
	}
	if err := hold.Store(t.Context(), desk.Answer{Status: 201, Body: []byte("done")}); err != nil {
		t.Fatal(err)
	}
	_, was, err := other.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatal(err)
	}
	if was == nil {
		t.Fatal("got no answer, want the stored one")
	}
	if string(was.Body) != "done" {
		t.Errorf(`the answer is %q, want "done"`, was.Body)
	}
}

func TestWorkUnderALostKeyIsCancelled(t *testing.T) {
	t.Parallel()
	one, _ := replicas(t, 300*time.Millisecond)
	ana := one.person("ana", account.RoleCustomer)
	hold, _, err := one.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	one.exec("update api_answers set holder = 'another'")
	<-hold.Context().Done()
	if !hold.Lost() {
		t.Error("the lost key is not reported")
	}
}

// Rows of the previous version have no time of a lock. They are locked for a minute.
func TestAKeyOfAnEarlierVersionIsHeldForAMinute(t *testing.T) {
	t.Parallel()
	one, other := replicas(t, time.Second)
	ana := one.person("ana", account.RoleCustomer)
	hold, _, err := one.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatal(err)
	}
	hold.Release()
	one.exec("update api_answers set held_until = null, created_at = now() - interval '50 seconds'")
	if _, _, err := other.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest); !errors.Is(err, fault.ErrUnderWay) {
		t.Errorf("within the minute: got %v, want %v", err, fault.ErrUnderWay)
	}
	one.exec("update api_answers set created_at = now() - interval '70 seconds'")
	again, _, err := other.Requests.BeginAnswer(t.Context(), ana, "k", sameRequest)
	if err != nil {
		t.Fatalf("after the minute: %v", err)
	}
	again.Release()
}
