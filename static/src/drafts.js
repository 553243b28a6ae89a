import { mine } from './dom.js';
import { toast } from './say.js';

// A form with data-draft keeps what is typed in this tab, so that a reload or a
// wrong click loses nothing. It is dropped when the form has been sent, and all of
// them when one signs out (signout.js).
const key = form => mine(`${location.pathname}:${form.dataset.draft || form.getAttribute('action')}`);
const fields = form => [...form.elements].filter(field => field.name && field.matches('textarea, select, input[type=text], input[type=search], input:not([type])'));
const initial = field => field.tagName === 'SELECT' ? [...field.options].find(option => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
// A draft of one version must never be laid over a newer one.
const version = form => form.elements.version?.value ?? '';
const sent = 'draft:sent'; // the draft whose form was sent and has had no answer yet

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

addEventListener('input', event => {
  const form = event.target.form;
  if (form?.matches('form[data-draft]')) keep(form);
});

// A page of the browser's own, where the desk cannot be reached, is no answer: the
// draft is still there when one comes back.
addEventListener('DOMContentLoaded', () => {
  const waiting = sessionStorage.getItem(sent);
  if (waiting && document.querySelector('#flash, .error-summary, .notice')) sessionStorage.removeItem(waiting);
  sessionStorage.removeItem(sent);
  for (const form of document.querySelectorAll('form[data-draft]')) restore(form);
});

addEventListener('submit', event => {
  const form = event.target;
  if (!event.defaultPrevented && form.matches('form[data-draft]')) sessionStorage.setItem(sent, key(form));
});

// Without a connection a form that loads a page is not sent: the page would be lost.
addEventListener('submit', event => {
  if (navigator.onLine || !event.target.matches('form[data-upload]:not([hx-post])')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast('No connection right now. What you wrote is kept here; send it when the connection is back.', 'offline');
}, true);

// Sent by htmx, the text stays on the page until an answer is there; so does its draft.
document.addEventListener('htmx:after:request', event => {
  const { sourceElement, response } = event.detail.ctx;
  const form = sourceElement?.closest?.('form[data-draft]');
  if (form && response.raw.ok) sessionStorage.removeItem(key(form));
});
