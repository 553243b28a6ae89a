// Announces entries of other users: one sentence at a time in the live region, and their
// number in the title of a hidden tab.
import { announce } from '../lib/announcer.js';

let pending = []; // entries that are not announced yet
let timer = 0;
let unread = 0;
const title = document.title;

function count(kind, one) {
  const n = pending.filter(row => row.kind === kind).length;
  return n ? [`${n} ${one}${n === 1 ? '' : 's'}`] : [];
}

// A change beside a text usually has the same cause, such as a reply that sets the status.
function sentence() {
  const texts = pending.filter(row => row.kind !== 'change');
  const [row, ...more] = texts.length ? texts : pending;
  if (!more.length) return [row.name, row.text.slice(0, 300)].filter(Boolean).join(': ');
  return [...count('message', 'new chat message'), ...count('comment', 'new comment'), ...count('note', 'new internal note'), ...count('change', 'change')].join(', ');
}

function announcePending() {
  timer = 0;
  if (pending.length === 0) return;
  announce(sentence());
  pending = [];
  timer = setTimeout(announcePending, 2500);
}

document.addEventListener('live:updates', event => {
  const rows = event.detail.rows.filter(row => !row.isMine);
  pending.push(...rows);
  timer ||= setTimeout(announcePending, 300); // one action often makes two entries
  if (!document.hidden) return;
  unread += rows.filter(row => row.kind !== 'change').length;
  if (unread) document.title = `(${unread}) ${title}`;
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});
