package views

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Template is markup that scripts copy into the page (fromTemplate in static/src/lib/dom.js),
// so that it has one source. The names are those of templateContent.
func Template(name string) templ.Component { return templates.of(name) }

var templates = fixed[string]{component: template}

// template writes a script element of a type that browsers do not run, and not a template
// element, because text browsers such as lynx and w3m show the content of that. The content
// security policy allows it, because it is data.
func template(name string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, `<script type="text/html" id="`+name+`-template">`); err != nil {
			return err
		}
		if err := templateContent(name).Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, `</script>`)
		return err
	})
}
