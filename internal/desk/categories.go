package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/ticketquery"
)

// CategoryInput names a category.
type CategoryInput struct {
	Name string `form:"name" json:"name" validate:"required,max=60,name"`
}

// Values of [CategoryUpdate].Do. [CategoryRename] only renames.
const (
	CategoryRename  = "rename"
	CategoryUp      = "up"
	CategoryDown    = "down"
	CategoryRetire  = "retire"
	CategoryRestore = "restore"
)

// CategoryUpdate renames a category and, depending on Do, moves, retires or restores it.
type CategoryUpdate struct {
	CategoryInput
	Do string `form:"do" json:"do" validate:"required,oneof=rename up down retire restore"`
}

// List returns all categories: the active ones in their order on forms, then the retired
// ones.
func (s *Categories) List(ctx context.Context) ([]Category, error) {
	all, err := s.q.ListCategories(ctx)
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", err)
	}
	return all, nil
}

// Add adds a category at the end of the list. It returns [*fault.Invalid] if a category
// with the same name key exists, and [fault.ErrForbidden] without [account.ManageCategories].
func (s *Categories) Add(ctx context.Context, actor account.Actor, in CategoryInput) error {
	if !actor.Can(account.ManageCategories) {
		return fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return err
	}
	return s.act(ctx, actor, func(q *db.Queries) error {
		if err := q.LockCategories(ctx); err != nil {
			return fmt.Errorf("lock categories: %w", err)
		}
		return categoryError(q.AddCategory(ctx, db.AddCategoryParams{Name: in.Name, NameKey: input.NameKey(in.Name)}))
	})
}

// Update renames a category and applies in.Do. A retired category is not offered for new
// tickets, but existing tickets keep it. The last active category cannot be retired
// ([*fault.Invalid]).
func (s *Categories) Update(ctx context.Context, actor account.Actor, id int64, in CategoryUpdate) error {
	if !actor.Can(account.ManageCategories) {
		return fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return err
	}
	return s.act(ctx, actor, func(q *db.Queries) error {
		if err := q.LockCategories(ctx); err != nil {
			return fmt.Errorf("lock categories: %w", err)
		}
		all, err := q.ListCategories(ctx)
		if err != nil {
			return fmt.Errorf("list categories: %w", err)
		}
		category, used, ok := pick(all, id)
		if !ok {
			return fault.ErrNotFound
		}
		err = categoryError(q.RenameCategory(ctx, db.RenameCategoryParams{ID: id, Name: in.Name, NameKey: input.NameKey(in.Name), SameName: in.Name == input.NameForm(category.Name)}))
		if err != nil {
			return err
		}
		switch in.Do {
		case CategoryUp:
			return moveCategory(ctx, q, used, id, -1)
		case CategoryDown:
			return moveCategory(ctx, q, used, id, +1)
		case CategoryRetire:
			return s.retire(ctx, q, category, len(used))
		case CategoryRestore:
			return categoryError(q.RetireCategory(ctx, db.RetireCategoryParams{ID: id}))
		}
		return nil
	})
}

// retire marks a category as retired, in the caller's transaction.
func (s *Categories) retire(ctx context.Context, q *db.Queries, c Category, inUse int) error {
	if c.RetiredAt != nil {
		return nil
	}
	if inUse == 1 {
		return fault.NewInvalid("name", "Add another category first: every ticket needs one.")
	}
	now := s.Now()
	return categoryError(q.RetireCategory(ctx, db.RetireCategoryParams{ID: c.ID, RetiredAt: &now}))
}

// generalCategory is the category of tickets for which a client of the first system's API
// sends none. A new desk has it.
const generalCategory = "General"

// usualCategory returns the category of a ticket for which a client sends none:
// generalCategory if it is in use, and otherwise the first one on forms. all is the result
// of [Categories.List].
func usualCategory(all []Category) Category {
	if c, ok := ticketquery.FindCategory(all, generalCategory); ok && c.RetiredAt == nil {
		return c
	}
	return all[0] // the last category in use cannot be retired
}

// pick returns the category with the id, and the active categories in their order.
func pick(all []Category, id int64) (found Category, used []Category, ok bool) {
	for _, c := range all {
		if c.ID == id {
			found, ok = c, true
		}
		if c.RetiredAt == nil {
			used = append(used, c)
		}
	}
	return found, used, ok
}

// moveCategory moves a category by one position and renumbers the active categories, in the
// caller's transaction. A retired category, or one that is already first or last, is not
// moved.
func moveCategory(ctx context.Context, q *db.Queries, used []Category, id int64, by int) error {
	for i, c := range used {
		if to := i + by; c.ID == id && to >= 0 && to < len(used) {
			used[i], used[to] = used[to], used[i]
			break
		}
	}
	for i, c := range used {
		if err := q.SetCategoryPosition(ctx, db.SetCategoryPositionParams{ID: c.ID, Position: int32(i + 1)}); err != nil {
			return fmt.Errorf("set the position of a category: %w", err)
		}
	}
	return nil
}

// categoryError converts a violated unique constraint into [*fault.Invalid].
func categoryError(err error) error {
	switch {
	case err == nil:
		return nil
	case db.Violates(err, "categories_name_key"):
		return fault.NewInvalid("name", "There is already a category with this name, perhaps a retired one. Choose another name.")
	}
	return fmt.Errorf("change category: %w", err)
}
