import { say } from './say.js';

// Focus moves only after something one sent oneself: to the summary of what is
// wrong, or to the new entry. htmx's other swaps leave it where it is.
let sent = null; // { form, entries } of the request under way

const entries = () => new Set([...document.querySelectorAll('.timeline > li[id]')].map(entry => entry.id));

document.addEventListener('htmx:before:request', event => {
  const { sourceElement, request } = event.detail.ctx;
  if (request.method.toUpperCase() !== 'GET') sent = { form: sourceElement, entries: entries() };
});

function go(element) {
  if (!element.hasAttribute('tabindex')) element.setAttribute('tabindex', '-1');
  element.focus();
}

// What is swapped in does not speak by itself; #live does. A notice keeps its
// look and gives up its own role, so that it is heard once.
function announce() {
  const notice = document.querySelector('main .notice');
  if (!notice) return;
  notice.removeAttribute('role');
  say(notice.textContent.trim().replace(/\s+/g, ' '));
}

document.addEventListener('htmx:after:swap', event => {
  const results = document.querySelector('[data-say]');
  if (!sent) {
    if (results && event.detail.ctx?.target?.contains?.(results)) say(results.dataset.say);
    return;
  }
  const { entries: before } = sent;
  sent = null;
  const summary = document.querySelector('.error-summary');
  if (summary) return go(summary);
  const added = [...document.querySelectorAll('.timeline > li[id]')].filter(entry => !before.has(entry.id)).pop();
  if (added) go(added);
  announce();
});

// A whole page that comes back with errors starts at their summary, as a swapped one does.
addEventListener('DOMContentLoaded', () => {
  const summary = document.querySelector('.error-summary');
  if (summary) go(summary);
});
