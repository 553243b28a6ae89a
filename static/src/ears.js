// What others wrote, for those who listen and for those who look elsewhere: one
// sentence at a time in the page's live region, and a count in the title.
import { say } from './say.js';

let heap = []; // what has not been said
let timer = 0;
let unread = 0;
const title = document.title;

const count = (kind, one, many) => {
  const n = heap.filter(row => row.kind === kind).length;
  return n ? [`${n} ${n === 1 ? one : many}`] : [];
};

function sentence() {
  if (heap.length === 1) return [heap[0].name, heap[0].words.slice(0, 300)].filter(Boolean).join(': ');
  return [...count('line', 'new chat message', 'new chat messages'), ...count('comment', 'new comment', 'new comments'),
    ...count('change', 'change', 'changes')].join(', ');
}

function speak() {
  timer = 0;
  if (heap.length === 0) return;
  say(sentence());
  heap = [];
  timer = setTimeout(speak, 2500);
}

document.addEventListener('live:news', event => {
  const rows = event.detail.rows.filter(row => !row.mine);
  heap.push(...rows);
  timer ||= setTimeout(speak, 300); // one write often makes two entries
  if (!document.hidden) return;
  unread += rows.filter(row => row.kind !== 'change').length;
  if (unread) document.title = `(${unread}) ${title}`;
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});
