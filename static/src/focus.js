import { say } from './say.js';

// Focus moves only after something one sent oneself: to what has to be mended,
// or to the new entry. htmx's other swaps leave it where it is.
let sent = null; // { action, composing, entries } of the request under way

const entries = () => [...document.querySelectorAll('.timeline > li[id]')];
const heard = new WeakSet(); // notices that were on the page, or have been said

document.addEventListener('htmx:before:request', event => {
  const { sourceElement, request } = event.detail.ctx;
  if (request.method.toUpperCase() === 'GET') return;
  sent = {
    action: sourceElement.getAttribute('action'),
    composing: sourceElement.closest('.composer') !== null,
    entries: new Set(entries().map(entry => entry.id)),
  };
});

function go(element) {
  if (!element.matches('a, button, input, select, textarea, [tabindex]')) element.setAttribute('tabindex', '-1');
  element.focus();
}

/** What to look at after an answer, or nothing. */
function next({ action, composing, entries: before }) {
  const form = [...document.querySelectorAll('form')].find(other => other.getAttribute('action') === action);
  const fault = form?.querySelector('[aria-invalid=true], .error-summary, .notice[role=alert]') ?? document.querySelector('.error-summary');
  if (fault) return fault;
  const added = composing && entries().filter(entry => !before.has(entry.id)).pop();
  if (added) return added;
  // The button that was pressed went with the form; its successor takes over.
  return document.activeElement === document.body && form?.querySelector('button');
}

// What is swapped in does not speak by itself; #live does. A notice keeps its
// look and gives up its own role, so that it is heard once.
function announce() {
  for (const notice of document.querySelectorAll('.notice:not([role=alert])')) {
    if (heard.has(notice)) continue;
    heard.add(notice);
    notice.removeAttribute('role');
    say(notice.textContent.trim().replace(/\s+/g, ' '));
  }
}

document.addEventListener('htmx:after:swap', () => {
  announce();
  if (!sent) return;
  const target = next(sent);
  sent = null;
  if (target) go(target);
});

// A whole page that comes back with errors starts at their summary, as a swapped part does.
addEventListener('DOMContentLoaded', () => {
  for (const notice of document.querySelectorAll('.notice')) heard.add(notice);
  const summary = document.querySelector('.error-summary');
  if (summary) go(summary);
});
