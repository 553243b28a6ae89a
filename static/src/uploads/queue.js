// Sends the files of a form one after the other.
import { announce, toast } from '../lib/announcer.js';
import { userID } from '../lib/dom.js';
import { isReadable, refusal, size, tooLarge, unreadable } from './reasons.js';
import { addRow, draw, drawFailed, drawPicture, removeRow, rowsIn, setHint } from './rows.js';

const queues = new WeakMap(); // form → the promise of its last upload

/** Adds files to a form and begins to send them. */
export function takeFiles(form, files) {
  const maxBytes = Number(form.dataset.maxBytes) || Infinity;
  const maxFiles = Number(form.dataset.maxFiles) || Infinity;
  for (const file of files) {
    const row = addRow(form);
    if (rowsIn(form, 'sending', 'done').length >= maxFiles) drawFailed(form, row, file.name, `Only ${maxFiles} files can be sent at once.`);
    else if (file.size > maxBytes) drawFailed(form, row, file.name, tooLarge(file, maxBytes));
    else enqueue(form, row, file);
  }
}

function enqueue(form, row, file) {
  draw(row, file.name, 'sending', `${size(file.size)}, waiting`, { stop: () => removeRow(form, row) });
  drawPicture(row, file);
  queues.set(form, (queues.get(form) ?? Promise.resolve()).then(() => send(form, row, file)));
}

/** Resolves when no file of the form is being sent any more. */
export async function whenSent(form) {
  while (rowsIn(form, 'sending').length) await queues.get(form);
}

/** Sends one file. Resolves when it has arrived, failed or was stopped. */
async function send(form, row, file) {
  if (!row.isConnected) return;
  if (!await isReadable(file)) return drawFailed(form, row, file.name, unreadable);
  const response = await post(form, row, file);
  if (response.status === 201 && response.answer?.name) return arrived(form, row, response.answer);
  if (!row.isConnected) return;
  if (response.status === 0 && !await isReadable(file)) return drawFailed(form, row, file.name, unreadable);
  const isTemporary = response.status === 0 || response.status === 429 || response.status >= 500;
  drawFailed(form, row, file.name, refusal(response, file, Number(form.dataset.maxBytes)), isTemporary && (() => enqueue(form, row, file)));
}

/** Posts one file, with its progress in the row. Resolves to status (0: no answer), answer (the
 * JSON or null) and seconds (Retry-After). */
function post(form, row, file) {
  const request = new XMLHttpRequest(); // fetch does not report the progress of an upload
  draw(row, file.name, 'sending', `0 bytes of ${size(file.size)}`, { stop: () => { removeRow(form, row); request.abort(); } });
  request.upload.addEventListener('progress', event => {
    row.querySelector('progress').value = event.total ? Math.floor(100 * event.loaded / event.total) : 0;
    setHint(row, `${size(Math.min(event.loaded, file.size))} of ${size(file.size)}`);
  });
  const body = new FormData();
  body.set('sender', userID());
  body.set('submission_id', form.elements.submission_id?.value ?? '');
  body.set('attachment', file);
  request.open('POST', form.dataset.upload);
  request.setRequestHeader('Accept', 'application/json');
  request.send(body);
  return new Promise(resolve => {
    request.addEventListener('loadend', () => resolve({ status: request.status, answer: parse(request.responseText), seconds: request.getResponseHeader('Retry-After') }));
  });
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

function arrived(form, row, stored) {
  draw(row, stored.filename, 'done', `${size(stored.size)}, uploaded`, { remove: () => discard(form, row, stored.name) });
  announce(`${stored.filename} is uploaded.`);
}

/** Removes a file from the server, and its row. */
async function discard(form, row, name) {
  try {
    const body = new URLSearchParams({ sender: userID(), submission_id: form.elements.submission_id?.value ?? '' });
    const response = await fetch(`${form.dataset.upload}/${encodeURIComponent(name)}/delete`, { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (!response.ok && response.status !== 404) throw new Error(String(response.status));
    removeRow(form, row);
  } catch {
    toast('The file could not be removed. Try again in a moment.');
  }
}

// Without script, the Remove button of a row that the server drew sends the form.
addEventListener('click', event => {
  const button = event.target.closest?.('form[data-upload] .upload button[name=remove]');
  if (!button) return;
  event.preventDefault();
  discard(button.form, button.closest('.upload'), button.value);
});
