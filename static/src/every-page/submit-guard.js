// Guards the submission of forms: the right sender, and one request at a time.
import { userID } from '../lib/dom.js';

// A form names the user whose page it is on. Parts that a socket brings are rendered once
// for several readers, and an answer to a request is rendered for the user who is signed
// in by then: both may name another user.
document.addEventListener('formdata', ({ formData }) => { if (formData.has('sender')) formData.set('sender', userID()); });

// A second press while a form is being sent is ignored. The server would store it only once
// too (submission_id). Buttons are not disabled, because they would lose the focus and
// their name would not be sent.
const pending = new Set();

addEventListener('submit', event => {
  if (!pending.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  hold(form);
  setTimeout(() => release(form), 10_000); // the user may have stopped the loading
});

document.addEventListener('htmx:before:request', event => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.tagName === 'FORM' && request.method.toUpperCase() !== 'GET') hold(sourceElement);
});
document.addEventListener('htmx:finally:request', () => {
  for (const form of pending) if (form.hasAttribute('hx-post') || !form.isConnected) release(form);
});

function hold(form) {
  pending.add(form);
  form.setAttribute('aria-busy', 'true');
}

function release(form) {
  pending.delete(form);
  form.removeAttribute('aria-busy');
}

// On Back, the browser may show a page from memory in the state in which it was left: while
// sending. What htmx had disabled for that works again only after a reload.
addEventListener('pageshow', event => {
  for (const form of pending) release(form);
  if (event.persisted && document.querySelector('.htmx-request')) location.reload();
});
