import { go, icon, make, size, user } from './dom.js';
import { say, toast } from './say.js';

// A form with data-upload sends its files one by one as soon as they are chosen,
// dropped anywhere on it, or pasted. The server keeps them under the form's
// submission_id; the form itself then goes without them. A file that did not
// arrive stops the sending.
const queues = new WeakMap(); // form → the promise of its last upload
const waiting = new WeakSet(); // forms that go by themselves once their files are through

const rows = (form, state) => [...form.querySelectorAll(`.upload${state ? `[data-state=${state}]` : ''}`)];

function list(form) {
  const box = form.querySelector('.drop');
  let found = box.querySelector('.uploads');
  if (!found) {
    found = make('ul', { class: 'uploads', 'aria-label': 'Chosen files' });
    box.append(found);
  }
  return found;
}

/** Draws a row anew: its state, what is said of it, and its buttons ([label, act] pairs). */
function draw(row, name, state, hint, ...buttons) {
  row.dataset.state = state;
  const shape = { sending: 'arrow-up', done: 'check', failed: 'circle-alert' }[state];
  const made = buttons.map(([label, act]) => {
    const button = make('button', { class: 'btn', 'data-variant': 'ghost', 'data-size': 'sm', type: 'button' },
      `${label} `, make('bdi', { class: 'sr-only' }, name));
    button.addEventListener('click', act);
    return button;
  });
  const picture = row.querySelector('canvas') ?? '';
  const mark = make('span', { class: 'upload-mark' }, picture, icon(shape));
  row.replaceChildren(mark, make('span', {}, make('b', { dir: 'auto' }, name), ' ', make('span', { class: 'hint' }, hint)), make('span', {}, ...made));
}

/** Puts a small picture of an image before its row. It is drawn from the file itself: nothing is fetched. */
async function picture(row, file) {
  if (!file.type.startsWith('image/')) return;
  const bitmap = await createImageBitmap(file, { resizeHeight: 72, resizeQuality: 'medium' }).catch(() => null);
  if (!bitmap || !row.isConnected) return;
  const canvas = make('canvas', { width: '72', height: '72', 'aria-hidden': 'true' });
  canvas.getContext('2d').drawImage(bitmap, (72 - bitmap.width) / 2, 0);
  row.querySelector('.upload-mark').prepend(canvas);
}

function fail(form, row, name, why, again) {
  const remove = ['Remove', () => leave(form, row)];
  draw(row, name, 'failed', why, ...(again ? [['Try again', again], remove] : [remove]));
  say(`${name}: ${why}`);
}

/** Takes a row away and keeps the focus in the form. */
function leave(form, row) {
  row.remove();
  form.querySelector('input[type=file]')?.focus();
}

/** Whether the browser can read the file: not a folder, and neither moved nor changed since it was chosen. */
const isReadable = file => file.slice(0, 1).arrayBuffer().then(() => true, () => false);
const unreadable = 'This cannot be read. It is a folder, or it was moved or changed; choose it again.';
const tooLarge = (file, max) => `${size(file.size)}; the limit is ${size(max)}.`;

function refusal(answer, { status, seconds }, file, max) {
  if (status === 429) return `Too many at once; try again in ${seconds || 'a few'} seconds.`;
  if (status === 0) return 'The connection was lost.';
  if (status >= 500) return 'The server could not save it.';
  if (status === 413) return tooLarge(file, max);
  return answer?.error ?? 'The server did not accept it.';
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** Sends one file; resolves when it has arrived, failed or was stopped. */
async function send(form, row, file) {
  if (!row.isConnected) return;
  if (!await isReadable(file)) return fail(form, row, file.name, unreadable);
  const max = Number(form.dataset.maxBytes) || Infinity;
  const { status, text, seconds } = await post(form, row, file);
  const answer = parse(text);
  if (status === 201 && answer?.name) return arrived(form, row, answer);
  if (!row.isConnected) return;
  if (status === 0 && !await isReadable(file)) return fail(form, row, file.name, unreadable);
  const passing = status === 0 || status === 429 || status >= 500;
  fail(form, row, file.name, refusal(answer, { status, seconds }, file, max), passing && (() => enqueue(form, row, file)));
}

function post(form, row, file) {
  const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
  const bar = make('progress', { class: 'progress', max: '100', value: '0', 'aria-label': `${file.name}, sent so far` });
  draw(row, file.name, 'sending', `0 bytes of ${size(file.size)}`, ['Stop', () => { leave(form, row); request.abort(); }]);
  row.append(bar);
  request.upload.addEventListener('progress', event => {
    bar.value = event.total ? Math.floor(100 * event.loaded / event.total) : 0;
    row.querySelector('.hint').textContent = `${size(Math.min(event.loaded, file.size))} of ${size(file.size)}`;
  });
  const body = new FormData();
  body.set('sender', user());
  body.set('submission_id', form.elements.submission_id?.value ?? '');
  body.set('attachment', file);
  request.open('POST', form.dataset.upload);
  request.setRequestHeader('Accept', 'application/json');
  request.send(body);
  return new Promise(resolve => {
    request.addEventListener('loadend', () => resolve({ status: request.status, text: request.responseText, seconds: request.getResponseHeader('Retry-After') }));
  });
}

function arrived(form, row, kept) {
  draw(row, kept.filename, 'done', `${size(kept.size)}, uploaded`, ['Remove', () => discard(form, row, kept.name)]);
  say(`${kept.filename} is uploaded.`);
}

async function discard(form, row, name) {
  try {
    const body = new URLSearchParams({ sender: user(), submission_id: form.elements.submission_id?.value ?? '' });
    const answer = await fetch(`${form.dataset.upload}/${encodeURIComponent(name)}/delete`, { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (!answer.ok && answer.status !== 404) throw new Error(String(answer.status));
    leave(form, row);
  } catch {
    toast('The file could not be removed. Try again in a moment.');
  }
}

function enqueue(form, row, file) {
  draw(row, file.name, 'sending', `${size(file.size)}, waiting`, ['Stop', () => leave(form, row)]);
  picture(row, file);
  queues.set(form, (queues.get(form) ?? Promise.resolve()).then(() => send(form, row, file)));
}

function take(form, files) {
  const max = Number(form.dataset.maxBytes) || Infinity;
  const most = Number(form.dataset.maxFiles) || Infinity;
  for (const file of files) {
    const row = make('li', { class: 'upload', tabindex: '-1' });
    const full = rows(form, 'sending').length + rows(form, 'done').length >= most;
    list(form).append(row);
    if (full) fail(form, row, file.name, `Only ${most} files go with one message.`);
    else if (file.size > max) fail(form, row, file.name, tooLarge(file, max));
    else enqueue(form, row, file);
  }
}

addEventListener('change', event => {
  const input = event.target;
  if (input.type !== 'file' || !input.form?.matches('form[data-upload]')) return;
  take(input.form, [...input.files]);
  input.value = ''; // they are on their way; the form must not send them again
});

// Files that were chosen before this was loaded.
for (const input of document.querySelectorAll('form[data-upload] input[type=file]')) {
  take(input.form, [...input.files]);
  input.value = '';
}

// ---- dropped and pasted

const dropped = event => event.dataTransfer?.types.includes('Files') && event.target.closest?.('form[data-upload]');

for (const kind of ['dragover', 'dragleave', 'drop']) {
  addEventListener(kind, event => {
    const form = dropped(event);
    if (!form) return;
    event.preventDefault();
    form.toggleAttribute('data-over', kind === 'dragover');
    if (kind === 'drop') take(form, [...event.dataTransfer.files]);
  });
}

addEventListener('paste', event => {
  const form = event.target.closest?.('form[data-upload]');
  const files = [...event.clipboardData?.files ?? []];
  if (!form || files.length === 0 || event.clipboardData.types.includes('text/plain')) return; // text with a picture of it is pasted as text
  event.preventDefault();
  take(form, files);
});

// A row that the server drew removes its file by sending the form; with script
// that happens on the spot.
addEventListener('click', event => {
  const button = event.target.closest?.('form[data-upload] .upload button[name=remove]');
  if (!button) return;
  event.preventDefault();
  discard(button.form, button.closest('.upload'), button.value);
});

// ---- sending the form: are all files through?

/** Lists the files that did not arrive, as the server's error summary lists what is wrong. */
function summarise(form) {
  const failed = rows(form, 'failed');
  const links = failed.map((row, i) => {
    row.id ||= `file-${Date.now()}-${i}`;
    const [name, why] = [row.querySelector('b').textContent, row.querySelector('.hint').textContent];
    return make('li', {}, make('a', { href: `#${row.id}` }, make('bdi', {}, name), `: ${why}`));
  });
  const title = `Not sent: fix ${failed.length} ${failed.length === 1 ? 'file' : 'files'}`;
  const summary = make('div', { class: 'error-summary', role: 'alert', tabindex: '-1', 'aria-labelledby': 'sum', id: 'summary' },
    make('h2', { id: 'sum' }, title), make('p', { class: 'hint' }, 'Remove each of them or try it again, then send.'), make('ul', {}, ...links));
  document.getElementById('summary')?.remove();
  (form.closest('.composer') ? form : document.getElementById('main')).prepend(summary);
  go(summary);
}

addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('form[data-upload]')) return;
  if (rows(form, 'failed').length) {
    stop(event);
    return summarise(form);
  }
  if (!rows(form, 'sending').length) return form.querySelector('#summary')?.remove();
  stop(event);
  if (waiting.has(form)) return;
  waiting.add(form);
  say('Uploading files; the form is sent when they are done.');
  const { submitter } = event;
  form.setAttribute('aria-busy', 'true');
  settled(form).then(() => {
    waiting.delete(form);
    form.removeAttribute('aria-busy');
    if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  });
}, true);

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

async function settled(form) {
  while (rows(form, 'sending').length) await queues.get(form);
}
