// Moves the focus within a list: to a row that was opened for changes or saved, and to the
// list when the link to the new tickets opens it. Announces what a filtered list shows.
import { announce } from '../lib/announcer.js';
import { focusOn } from '../lib/dom.js';
import { mayLeave } from '../lib/unsaved.js';
import { rows } from './rows.js';

let rowID = ''; // of the row that sent the request under way
let rowIndex = -1; // of this row in the list
let opensNewTickets = false; // whether the link to the new tickets sent it

document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail;
  const row = ctx.sourceElement.closest?.('tr');
  rowID = row?.id ?? '';
  rowIndex = rows().indexOf(row);
  if (!row && ctx.target?.id === 'queue' && !mayLeave()) event.preventDefault();
  opensNewTickets = !event.defaultPrevented && !!ctx.sourceElement.closest?.('.new-tickets');
});

// After it was saved, a row may no longer be part of the list. Then the row at its index gets
// the focus, or the last row. This listener is in the capturing phase, so that it runs before
// every-page/focus.js, which does not know rows.
document.addEventListener('htmx:after:swap', event => {
  if (event.detail.ctx.isListChange || !rowID) return;
  const row = document.getElementById(rowID);
  const next = rows()[rowIndex] ?? rows().at(-1);
  rowID = '';
  if (document.activeElement === document.body) focusOn(row?.querySelector('.change :is(select, a.btn)') ?? next?.querySelector('a') ?? document.getElementById('queue-h'));
}, true);

document.addEventListener('htmx:after:swap', event => {
  const { ctx } = event.detail;
  const result = document.querySelector('[data-announce]');
  if (result && ctx.target?.contains?.(result)) announce(result.dataset.announce);
  if (ctx.isListChange || !opensNewTickets) return;
  opensNewTickets = false;
  const opened = document.querySelector('#queue table, .ticket-list');
  if (opened && document.activeElement === document.body) focusOn(opened);
});
