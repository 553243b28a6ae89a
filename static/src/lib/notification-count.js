// The number of unread notifications in the bar. The sockets of a ticket's page and
// of a list bring it when it changes. The desk counts to 100.

/** Shows the number that a socket's message brings, if it is about notifications. */
export function showUnread(text) {
  if (!text.startsWith('{"type":"notifications"')) return;
  const { unread } = JSON.parse(text);
  const badge = document.querySelector('#bell > b');
  if (!badge) return;
  badge.firstElementChild.textContent = unread < 100 ? unread : '99+';
  badge.hidden = !unread;
}
