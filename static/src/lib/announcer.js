// Messages for screen readers (the polite live region of the page) and toasts.
import { fromTemplate, make } from './dom.js';

const maxMessages = 3; // in the live region

/** Adds a message to the live region of the page. Messages in quick succession are all read. */
export function announce(text) {
  document.getElementById('live')?.append(make('p', {}, text));
  trim();
}

/** Removes all but the latest messages from the live region. Removals are not read. */
function trim() {
  const live = document.getElementById('live');
  while (live?.childElementCount > maxMessages) live.firstElementChild.remove();
}

// The server adds messages too, as a part of an answer.
document.addEventListener('htmx:after:swap', trim);

/** Shows a message until it is dismissed, and announces it. It replaces a toast with the same text. Returns the toast. */
export function toast(text) {
  const box = document.querySelector('.toasts');
  for (const old of box.querySelectorAll('.toast')) if (old.querySelector('p')?.textContent === text) old.remove();
  const made = fromTemplate('toast');
  made.querySelector('p').textContent = text;
  box.append(made);
  announce(text);
  return made;
}
