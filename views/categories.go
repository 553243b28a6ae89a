package views

import (
	"fmt"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// CategoriesPage is the data of the page of categories. ID and Name are those of the form that
// failed or was restored; ID 0 is the form for a new category.
type CategoriesPage struct {
	Categories []desk.Category
	ID         int64
	Name       string
	Invalid    *fault.Invalid
}

// name returns the text and the error of the form of a category.
func (p CategoriesPage) name(c desk.Category) (value, message string) {
	if p.ID == c.ID {
		return p.Name, p.Invalid.Field("name")
	}
	return c.Name, ""
}

// invalid returns the errors under the ids of their fields.
func (p CategoriesPage) invalid() *fault.Invalid {
	return p.Invalid.Renamed(func(field string) string {
		if field == "name" {
			return nameID(p.ID)
		}
		return field
	})
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
