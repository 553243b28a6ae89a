import { dismissable } from './say.js';

// Good news that the server sent with a part of the page passes by itself,
// unless somebody is pointing at it.
document.addEventListener('htmx:after:swap', () => {
  for (const element of document.querySelectorAll('.toasts > .toast:not(:has(button))')) {
    dismissable(element);
    if (element.dataset.tone === 'ok') pass(element);
  }
});

function pass(element) {
  setTimeout(() => element.matches(':hover, :focus-within') ? pass(element) : element.remove(), 8000);
}
