// The rows of the files of a form, drawn from the template of the page. data-state of a row
// is "sending", "done", "failed" (it can be tried again) or "refused" (it cannot).
import { announce } from '../lib/announcer.js';
import { fromTemplate } from '../lib/dom.js';

const actions = new WeakMap(); // row → its actions by name: stop, retry, remove

/** Returns the rows of a form in one of the states. */
export const rowsIn = (form, ...states) => [...form.querySelectorAll('.upload')].filter(row => states.includes(row.dataset.state));

/** Adds a row to the list of the form. */
export function addRow(form) {
  const list = form.querySelector('.drop .uploads');
  const row = fromTemplate('upload');
  list.hidden = false;
  list.append(row);
  return row;
}

/** Draws a row for a state. The picture of the file stays. */
export function draw(row, name, state, hint, act) {
  const drawn = fromTemplate('upload', state);
  const picture = row.querySelector('canvas');
  if (picture) drawn.querySelector('.upload-mark').prepend(picture);
  for (const slot of drawn.querySelectorAll('b, bdi')) slot.textContent = name;
  row.dataset.state = state;
  row.replaceChildren(...drawn.childNodes);
  setHint(row, hint);
  actions.set(row, act);
}

export const setHint = (row, hint) => { row.querySelector('.hint').textContent = hint; };

/** Shows why a file was not sent, and announces it. */
export function drawFailed(form, row, name, reason, retry) {
  draw(row, name, retry ? 'failed' : 'refused', reason, { retry, remove: () => removeRow(form, row) });
  announce(`${name}: ${reason}`);
}

/** Removes a row and keeps the focus in the form. */
export function removeRow(form, row) {
  row.remove();
  form.querySelector('input[type=file]')?.focus();
}

addEventListener('click', event => {
  const button = event.target.closest?.('.upload [data-action]');
  if (button) actions.get(button.closest('.upload'))[button.dataset.action]();
});

/** Shows a small picture of an image in its row, drawn from the file itself. */
export async function drawPicture(row, file) {
  if (!file.type.startsWith('image/')) return;
  const bitmap = await createImageBitmap(file, { resizeHeight: 72, resizeQuality: 'medium' }).catch(() => null);
  if (!bitmap || !row.isConnected) return;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 72;
  canvas.setAttribute('aria-hidden', 'true');
  canvas.getContext('2d').drawImage(bitmap, (72 - bitmap.width) / 2, 0);
  row.querySelector('.upload-mark').prepend(canvas);
}
