// Prepares new entries before htmx inserts them: chat messages join the row of the messages
// before them, a day is named once, and choices that the user is making stay.
import { fromTemplate, isChanged, textOf } from '../lib/dom.js';

document.addEventListener('htmx:before:swap', event => {
  const { ctx, tasks } = event.detail;
  if (!ctx.hasUpdates) return;
  ctx.rows = []; // of each new entry: kind, isMine, name, text
  for (const task of tasks) {
    switch (task.target?.id) {
      case 'timeline': prepareTimeline(ctx.rows, task); break;
      case 'chat-log': prepareChat(ctx.rows, task); break;
      case 'triage': keepTriage(task); break;
      case 'chat-seen': keepSeen(task); break;
    }
  }
});

/** Shows "Seen by Ana" if the last message of the chat is the user's own and has been seen. */
export function markSeen() {
  const mark = document.getElementById('chat-seen');
  const last = document.getElementById('chat-log').lastElementChild;
  if (mark) mark.hidden = !(last?.classList.contains('is-mine') && Number(last.id.slice(1) || Infinity) <= Number(mark.dataset.seen));
}

/** Reports whether the user has begun a comment or a note. */
export const isWriting = () => [...document.querySelectorAll('.composer textarea')].some(field => field.value.trim());

function prepareTimeline(rows, { target, fragment }) {
  for (const row of fragment.children) {
    const isMine = row.dataset.mine !== undefined;
    const comment = row.querySelector('.comment');
    if (comment && !isMine && isWriting()) markNew(comment);
    if (comment) rows.push({ kind: comment.dataset.kind ?? 'comment', isMine, name: comment.ariaLabel ?? textOf(row.querySelector('h3')), text: textOf(row.querySelector('.prose')) });
    else if (row.dataset.messages === undefined) rows.push({ kind: 'change', isMine, text: textOf(row.querySelector('p')) });
  }
  const [last, first] = [target.lastElementChild, fragment.firstElementChild];
  if (last?.dataset.messages && first?.dataset.messages) {
    addRun(first, last);
    last.replaceWith(first);
  }
}

/** Marks a comment that arrived while the user was writing one. */
function markNew(comment) {
  comment.classList.add('is-new');
  comment.querySelector('h3').after(' ', fromTemplate('unread'));
}

/** Adds an earlier run of chat messages to the row of the messages that follow it. */
function addRun(row, earlier) {
  row.dataset.messages = row.querySelector('span').textContent = Number(row.dataset.messages) + Number(earlier.dataset.messages);
  const authors = earlier.querySelector('b');
  const names = new Set([...authors.children].map(author => author.outerHTML)); // another user may be named "You"
  for (const author of [...row.querySelectorAll('bdi')]) if (!names.has(author.outerHTML)) authors.append(', ', author);
  row.querySelector('b').replaceWith(authors);
}

function prepareChat(rows, task) {
  if (document.getElementById('no-messages')) document.getElementById('chat-fold').open = true;
  for (const bubble of task.fragment.querySelectorAll('.bubble')) {
    rows.push({ kind: 'message', isMine: bubble.classList.contains('is-mine'), name: textOf(bubble.querySelector('b')), text: textOf(bubble.querySelector(':scope > p')) });
  }
  dropRepeatedDay(task);
  // The user's own messages that are not sent yet stay at the end.
  const unsent = task.target.querySelector('[data-state]');
  if (unsent) [task.target, task.swapSpec] = [unsent, { ...task.swapSpec, style: 'beforebegin' }];
}

function dropRepeatedDay({ target, fragment }) {
  const day = fragment.querySelector('.day');
  const last = [...target.querySelectorAll('.day:not(#no-messages)')].pop();
  if (!day || !last || textOf(day) !== textOf(last)) return;
  const dateOf = box => new Date([...box.querySelectorAll('.bubble time')].pop()?.dateTime ?? NaN).toDateString();
  if (dateOf(target) === dateOf(fragment)) day.remove();
  else last.textContent = last.dataset.date; // the page was open over midnight
}

// The reader who had seen most may have left. The mark never goes back.
function keepSeen(task) {
  if (Number(task.fragment.firstElementChild?.dataset.seen ?? 0) < Number(task.target.dataset.seen ?? 0)) task.swapSpec = { ...task.swapSpec, style: 'none' };
}

// An unsaved choice keeps its old version too: if the ticket changed, saving is refused with an
// explanation, and does not overwrite the change.
function keepTriage(task) {
  const selects = [...task.target.querySelectorAll('select')];
  if (selects.some(select => document.activeElement === select || isChanged(select))) task.swapSpec = { ...task.swapSpec, style: 'none' };
  else if (task.target.contains(document.activeElement)) task.swapSpec = { ...task.swapSpec, style: 'outerMorph' };
}
