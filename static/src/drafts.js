import { mine } from './dom.js';

// A form with data-draft keeps what is typed in this tab, so that a reload or a
// wrong click loses nothing. It is dropped when the form is sent, and all of
// them when one signs out.
const key = form => mine(`${location.pathname}:${form.dataset.draft || form.getAttribute('action')}`);
const fields = form => [...form.elements].filter(field => field.name && field.matches('textarea, select, input[type=text], input[type=search], input:not([type])'));
const initial = field => field.tagName === 'SELECT' ? [...field.options].find(option => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
// A draft of one version must never be laid over a newer one.
const version = form => form.elements.version?.value ?? '';

function keep(form) {
  const typed = {};
  for (const field of fields(form)) if (field.value !== initial(field)) typed[field.name] = field.value;
  if (Object.keys(typed).length === 0) sessionStorage.removeItem(key(form));
  else sessionStorage.setItem(key(form), JSON.stringify({ version: version(form), typed }));
}

function restore(form) {
  const stored = sessionStorage.getItem(key(form));
  if (!stored || document.querySelector('.error-summary')) return;
  const draft = JSON.parse(stored);
  if (draft.version !== version(form)) return;
  for (const field of fields(form)) {
    if (field.name in draft.typed && field.value === initial(field)) field.value = draft.typed[field.name];
  }
}

function drop(wanted) {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith('draft:') && wanted(name)) sessionStorage.removeItem(name);
}

// Chat lines that wait are kept for the person and not for the tab: see outbox.js.
function dropLines() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(mine(''))) localStorage.removeItem(name);
}

addEventListener('input', event => {
  const form = event.target.form;
  if (form?.matches('form[data-draft]')) keep(form);
});

addEventListener('DOMContentLoaded', () => {
  for (const form of document.querySelectorAll('form[data-draft]')) restore(form);
});

addEventListener('submit', event => {
  const form = event.target;
  if (form.getAttribute('action') === '/logout') drop(() => true), dropLines();
  else if (!event.defaultPrevented && form.matches('form[data-draft]')) drop(name => name === key(form));
});

// Sent by htmx, the text stays on the page until an answer is there; so does its draft.
document.addEventListener('htmx:after:request', event => {
  const { sourceElement, response } = event.detail.ctx;
  const form = sourceElement?.closest?.('form[data-draft]');
  if (form && response.raw.ok) drop(name => name === key(form));
});
