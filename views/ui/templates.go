package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Template is markup that scripts copy into the page (fromTemplate in static/src/lib/dom.js), so
// that it has one source. It writes a script element of a type that browsers do not run, and not a
// template element, because text browsers such as lynx and w3m show the content of that. The
// content security policy allows it, because it is data.
func Template(name string, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, `<script type="text/html" id="`+name+`-template">`); err != nil {
			return err
		}
		if err := content.Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, `</script>`)
		return err
	})
}

// The templates of every page.
var (
	toasts  = NewCached(func(name string) templ.Component { return Template(name, toastTemplate()) })
	banners = NewCached(func(name string) templ.Component { return Template(name, bannerTemplate()) })
)
