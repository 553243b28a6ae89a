package trials

import (
	"context"
	"errors"
	"fmt"
	"os"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/hostile"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/testbed"
)

// inputTrials are bad inputs and forbidden requests. Those that an admin sends change the desk, such
// as its categories, so they come last.
var inputTrials = []Trial{
	{Name: "bad files", Note: "broken multipart bodies, hostile file names and contents", Run: attack(hostile.Files)},
	{Name: "bad HTTP", Note: "malformed requests over TCP", Run: attack(hostile.Raw)},
	{Name: "bad frames", Note: "malformed websocket frames and events", Run: attack(hostile.Sockets)},
	{Name: "foreign tickets", Note: "every endpoint and page as another customer and as a visitor", Run: attack(hostile.Foreign)},
	{Name: "forged credentials", Note: "forged cookies and tokens, old sessions, redirects to other sites", Run: attack(hostile.Credentials)},
	{Name: "other sites", Note: "forms and sockets as a page of another site sends them", Run: attack(hostile.CrossSite)},
	{Name: "bad JSON and ids", Note: "hostile bodies and ids to every endpoint of the API", Run: attack(hostile.API)},
	{Name: "bad form fields", Note: "hostile texts in the fields of the forms of all roles", Run: attack(hostile.Forms)},
}

// attack returns the Run of an attack on the desk of the stage. Writes is the number of attempts.
func attack(f func(context.Context, *hostile.Target) (*hostile.Result, error)) func(context.Context, *Stage) (comparison.Row, error) {
	return func(ctx context.Context, s *Stage) (comparison.Row, error) {
		t, err := s.target(ctx)
		if err != nil {
			return comparison.Row{}, err
		}
		defer t.Database.Close(context.WithoutCancel(ctx))
		result, err := f(ctx, t)
		for i, problem := range result.Problems {
			if i < 10 {
				fmt.Fprintln(os.Stderr, "  ", problem)
			}
		}
		return comparison.Row{Figures: comparison.Figures{Writes: result.Tried, Errors: result.Errors, Forbidden: result.Forbidden}}, err
	}
}

// target returns the desk of the stage with fresh sessions and a new ticket.
func (s *Stage) target(ctx context.Context) (*hostile.Target, error) {
	url, err := s.Desk.DatabaseURL()
	if err != nil {
		return nil, err
	}
	all, err := people.AddRooms(ctx, url, 2)
	if err != nil {
		return nil, err
	}
	base, owner, other := s.Desk.Base, all[0].Customer, all[1].Customer
	t := &hostile.Target{Base: base, Key: testbed.JWTSecret, Email: owner.Email, Password: owner.Password}
	var errs [4]error
	t.Owner, errs[0] = client.SignIn(ctx, base, owner.Email, owner.Password)
	t.Other, errs[1] = client.SignIn(ctx, base, other.Email, other.Password)
	t.Admin, errs[2] = client.SignIn(ctx, base, testbed.Admin, testbed.AdminPassword)
	t.Database, errs[3] = connect(ctx, s.Desk)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return t, t.Prepare(ctx)
}
