import { dismissable } from './say.js';

// Good news that the server sent with a part of the page passes by itself,
// unless somebody is pointing at it, or it offers something to do.
document.addEventListener('htmx:after:swap', () => {
  for (const element of document.querySelectorAll('.toasts > .toast:not(:has([aria-label]))')) {
    dismissable(element);
    if (element.dataset.tone === 'ok' && !element.querySelector('form')) pass(element);
  }
});

function pass(element) {
  setTimeout(() => element.matches(':hover, :focus-within') ? pass(element) : element.remove(), 8000);
}
