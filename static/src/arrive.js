// News as it has to look before it is put in: a run of chat lines goes on in the
// row before it, a day is named once, and what is being chosen stays.
import { make } from './dom.js';

document.addEventListener('htmx:before:swap', event => {
  const { ctx, tasks } = event.detail;
  if (!ctx.live) return;
  ctx.rows = [];
  for (const task of tasks) {
    if (!task.target) continue;
    switch (task.target.id) {
      case 'timeline': entries(ctx.rows, task); break;
      case 'chat-log': lines(ctx.rows, task); break;
      case 'triage': triage(task); break;
      case 'chat-seen': farthest(task); break;
    }
  }
});

/** "Seen by Ana" stands under a line of one's own that is the last and has been seen. */
export function markSeen() {
  const mark = document.getElementById('chat-seen');
  const last = document.getElementById('chat-log').lastElementChild;
  if (mark) mark.hidden = !(last?.classList.contains('is-mine') && Number(last.id.slice(1) || Infinity) <= Number(mark.dataset.seen));
}

/** Somebody has begun a comment. */
export const isWriting = () => Boolean(document.getElementById('text')?.value.trim());

const words = element => element?.textContent.trim().replace(/\s+/g, ' ') ?? '';

function entries(rows, { target, fragment }) {
  for (const row of fragment.children) {
    const mine = row.dataset.mine !== undefined;
    const comment = row.querySelector('.comment');
    if (comment && !mine && isWriting()) mark(comment);
    if (comment) rows.push({ kind: 'comment', mine, name: words(row.querySelector('h3')), words: words(row.querySelector('.prose')) });
    else if (row.dataset.lines === undefined) rows.push({ kind: 'change', mine, words: words(row.querySelector('p')) });
  }
  const [before, run] = [target.lastElementChild, fragment.firstElementChild];
  if (before?.dataset.lines && run?.dataset.lines) goOn(before, run);
}

/** Marks a comment that came while one was being written. */
function mark(comment) {
  comment.classList.add('is-new');
  comment.querySelector('h3').after(' ', make('span', { class: 'unread' }, 'New'));
}

function goOn(before, run) {
  const names = [...new Set([before, run].flatMap(row => row.dataset.names.split('\n')))].sort((a, b) => (b === 'You') - (a === 'You'));
  const count = Number(before.dataset.lines) + Number(run.dataset.lines);
  const who = before.querySelector('b');
  [before.dataset.names, before.dataset.lines] = [names.join('\n'), count];
  who.textContent = names.length < 2 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  who.nextSibling.textContent = ` chatted, ${count} messages · `;
  before.querySelector('time').replaceWith(run.querySelector('time'));
  run.remove();
}

function lines(rows, task) {
  if (document.getElementById('no-lines')) document.getElementById('chat-fold').open = true;
  for (const row of task.fragment.querySelectorAll('.bubble')) {
    rows.push({ kind: 'line', mine: row.classList.contains('is-mine'), name: words(row.querySelector('b')), words: words(row.querySelector(':scope > p')) });
  }
  const day = task.fragment.querySelector('.day');
  const last = [...task.target.querySelectorAll('.day:not(#no-lines)')].pop();
  if (day && last && words(day) === words(last)) {
    const date = box => new Date([...box.querySelectorAll('.bubble time')].pop()?.dateTime ?? NaN).toDateString();
    if (date(task.target) === date(task.fragment)) day.remove();
    else if (words(last) === 'Today') last.textContent = 'Yesterday'; // the page was open over midnight
  }
  // Lines still on their way stay below what has been said.
  const waiting = task.target.querySelector('[data-state]');
  if (waiting) [task.target, task.swapSpec] = [waiting, { ...task.swapSpec, style: 'beforebegin' }];
}

// Who saw more may have left; what they saw stays seen.
function farthest(task) {
  if (Number(task.fragment.firstElementChild?.dataset.seen ?? 0) < Number(task.target.dataset.seen ?? 0)) task.swapSpec = { ...task.swapSpec, style: 'none' };
}

// An unsaved choice keeps its old version too, so that saving it is refused and
// explained rather than laid over what has changed.
function triage(task) {
  const selects = [...task.target.querySelectorAll('select')];
  const chosen = selects.some(select => document.activeElement === select || [...select.options].some(option => option.selected !== option.defaultSelected));
  if (chosen) task.swapSpec = { ...task.swapSpec, style: 'none' };
  else if (task.target.contains(document.activeElement)) task.swapSpec = { ...task.swapSpec, style: 'outerMorph' };
}
