// Keeps what is typed into a form with data-draft, its name, in this tab, so that a reload or a
// wrong click loses nothing. A draft is removed when its form has been sent, and all
// drafts when the user signs out (sign-out.js).
import { toast } from './announcer.js';
import { userKey } from './dom.js';

const keyOf = form => userKey(`${location.pathname}:${form.dataset.draft}`);
const fieldsOf = form => [...form.elements].filter(field => field.name && field.matches('textarea, select, input[type=text], input[type=checkbox], input:not([type])'));
const kept = field => field.type === 'checkbox' ? 'checked' : 'value'; // the property that is kept
const initialValue = field => field.type === 'checkbox' ? field.defaultChecked : field.tagName === 'SELECT' ? [...field.options].find(option => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
const submitted = 'draft:sent'; // the key of the draft whose form was submitted and has no answer yet

function save(form) {
  const typed = {};
  for (const field of fieldsOf(form)) if (field[kept(field)] !== initialValue(field)) typed[field.name] = field[kept(field)];
  if (Object.keys(typed).length === 0) sessionStorage.removeItem(keyOf(form));
  else sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
}

function restore(form) {
  const stored = sessionStorage.getItem(keyOf(form));
  if (!stored || document.querySelector('.error-summary')) return;
  const typed = JSON.parse(stored);
  for (const field of fieldsOf(form)) {
    if (field.name in typed && field[kept(field)] === initialValue(field)) field[kept(field)] = typed[field.name];
  }
  if (form.dataset.draft !== 'comment') form.closest('details')?.setAttribute('open', ''); // that of a comment is open, unless the address asks for a note
}

addEventListener('input', event => {
  const form = event.target.form;
  if (form?.matches('form[data-draft]')) save(form);
});

// The browser's own error page is not an answer: after it, the draft is still there.
addEventListener('DOMContentLoaded', () => {
  const key = sessionStorage.getItem(submitted);
  if (key && document.querySelector('#flash, .error-summary, .notice')) sessionStorage.removeItem(key);
  sessionStorage.removeItem(submitted);
  for (const form of document.querySelectorAll('form[data-draft]')) restore(form);
});

addEventListener('submit', event => {
  const form = event.target;
  if (!event.defaultPrevented && form.matches('form[data-draft]')) sessionStorage.setItem(submitted, keyOf(form));
});

// Without a connection, a form that loads a page is not submitted: its page would be lost.
addEventListener('submit', event => {
  if (navigator.onLine || !event.target.matches('form[data-upload]:not([hx-post])')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast('No connection right now. What you wrote is kept here; send it when the connection is back.');
}, true);

// After a request of htmx the page stays, and so does the text until the answer is there.
document.addEventListener('htmx:after:request', event => {
  const { sourceElement, response } = event.detail.ctx;
  const form = sourceElement?.closest?.('form[data-draft]');
  if (form && response.raw.ok) sessionStorage.removeItem(keyOf(form));
});
