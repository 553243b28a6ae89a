import { user } from './dom.js';

// A form says whose page it stands on. What a socket brings is drawn once for
// many, and what is asked for comes for whoever is signed in by then; yet the
// page is that of its own reader.
document.addEventListener('formdata', ({ formData }) => { if (formData.has('sender')) formData.set('sender', user()); });

// One press sends once. The server also keeps a second copy out (submission_id);
// this only saves people from watching the same thing go twice. Buttons are not
// disabled, as that would take their name and the focus away.
const underWay = new Set();

addEventListener('submit', event => {
  const form = event.target;
  if (!underWay.has(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

addEventListener('submit', event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  hold(form);
  // Somebody may have stopped the loading: then the form works again.
  setTimeout(() => release(form), 10_000);
});

document.addEventListener('htmx:before:request', event => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.tagName === 'FORM' && request.method.toUpperCase() !== 'GET') hold(sourceElement);
});
document.addEventListener('htmx:finally:request', () => {
  for (const form of underWay) if (form.hasAttribute('hx-post') || !form.isConnected) release(form);
});

function hold(form) {
  underWay.add(form);
  form.setAttribute('aria-busy', 'true');
}

function release(form) {
  underWay.delete(form);
  form.removeAttribute('aria-busy');
}

// A page that the browser kept whole while another was looked at comes back as
// it was left: in the middle of sending. Where htmx had disabled a form for
// that, only loading it again helps.
addEventListener('pageshow', event => {
  for (const form of underWay) release(form);
  if (event.persisted && document.querySelector('.htmx-request')) location.reload();
});
