// The number of unread notifications in the bar. The sockets of a ticket's page and
// of a list bring it when it changes.

/** Shows the text, such as "7" or "99+", that a socket's message brings, if it is about notifications. */
export function showUnread(text) {
  if (!text.startsWith('{"type":"notifications"')) return;
  const { unread } = JSON.parse(text);
  const badge = document.querySelector('#bell > b');
  if (!badge) return;
  const [number, word] = badge.children;
  number.textContent = unread;
  word.textContent = unread && word.dataset.word;
  badge.hidden = !unread;
}
