package views

import (
	"fmt"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// CategoriesPage is every category. ID and Name are the form that did not go
// through or was kept, ID 0 the one for a new category.
type CategoriesPage struct {
	Categories []desk.Category
	ID         int64
	Name       string
	Invalid    *fault.Invalid
}

// name is what the form of a category shows, and what is wrong with it.
func (p CategoriesPage) name(c desk.Category) (value, message string) {
	if p.ID == c.ID {
		return p.Name, p.Invalid.Field("name")
	}
	return c.Name, ""
}

// invalid is what is wrong, under the id of the control it belongs to.
func (p CategoriesPage) invalid() *fault.Invalid {
	if p.Invalid == nil {
		return nil
	}
	out := &fault.Invalid{}
	for _, f := range p.Invalid.Fields {
		if f.Field == "name" {
			f.Field = nameID(p.ID)
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

func (p CategoriesPage) split() (used, retired []desk.Category) {
	for _, c := range p.Categories {
		if c.RetiredAt == nil {
			used = append(used, c)
		} else {
			retired = append(retired, c)
		}
	}
	return used, retired
}

func nameID(id int64) string { return fmt.Sprintf("name-%d", id) }

func categoryURL(id int64) string { return fmt.Sprintf("/admin/categories/%d", id) }
