// What script adds to pages that work without it. Every module only listens on
// the document, so parts that htmx swaps in need no set-up of their own.
import './links.js';
import './forms.js';
import './filters.js';
import './signout.js';
import './times.js';
import './errors.js';
import './toasts.js';
import './offline.js';
import './focus.js';
