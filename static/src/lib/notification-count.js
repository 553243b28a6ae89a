// The number of unread notifications in the bar. The sockets of a ticket's page and
// of a list bring it when it changes.
const most = 100; // as far as the desk counts

/** Shows the number that a socket's message brings, if it is about notifications. */
export function showUnread(text) {
  if (!text.startsWith('{"type":"notifications"')) return;
  const { unread } = JSON.parse(text);
  const badge = document.querySelector('#bell > b');
  if (!badge) return;
  badge.firstElementChild.textContent = unread < most ? unread : `${most - 1}+`;
  badge.hidden = unread === 0;
}
