// What a change of the list must not disturb: a row that is being edited stays as it is,
// and no row becomes lower, so that the rows below it do not move.
import { heightOf, isRow, rows } from './rows.js';

const isEdited = row => row.querySelector('details[open]') !== null;

/** Reports whether a row stays as it is: it is being edited, or it has the focus and its ticket was deleted. */
const stays = ({ target, fragment }) => isRow(target)
  && (isEdited(target) || (fragment.querySelector('.is-deleted') && target.contains(document.activeElement)));

document.addEventListener('htmx:before:swap', event => {
  const { ctx, tasks } = event.detail;
  if (!ctx.isListChange) return;
  const kept = tasks.filter(task => !stays(task));
  ctx.hasSkipped = kept.length < tasks.length;
  ctx.heights = kept.filter(({ target }) => isRow(target)).map(({ target }) => [target.id, heightOf(target)]);
  tasks.splice(0, tasks.length, ...kept);
});

/** Gives the changed rows at least the height that they had. */
export function keepHeights(heights) {
  const changed = heights.map(([id, height]) => [document.getElementById(id), height]);
  const lower = changed.filter(([row, height]) => row && heightOf(row) < height);
  for (const [row, height] of lower) row.style[row.tagName === 'TR' ? 'height' : 'minHeight'] = `${height}px`;
}

// At another width the rows have other heights.
let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const row of rows()) row.removeAttribute('style');
});
