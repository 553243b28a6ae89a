package views

import (
	"github.com/a-h/templ"

	"frontdesk/views/ui"
)

// scriptTemplate is markup that scripts add to a page. The names are those of templateContent.
func scriptTemplate(name string) templ.Component { return scriptTemplates.Of(name) }

var scriptTemplates = ui.NewCached(func(name string) templ.Component { return ui.Template(name, templateContent(name)) })
