import { icon, make, size, user } from './dom.js';
import { say, toast } from './say.js';
import './drafts.js';
import './limit.js';

// A form with data-upload hands its files over one by one as soon as they are
// chosen. The server keeps them under the form's submission_id; the form itself
// then goes without them. A file that is not through stops the sending.
const queues = new WeakMap(); // form → the promise of its last upload
const waiting = new WeakSet(); // forms that go by themselves once their files are through

const rows = (form, state) => [...form.querySelectorAll(`.upload${state ? `[data-state=${state}]` : ''}`)];

function list(form, input) {
  const box = input.closest('.drop') ?? input.parentElement;
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
  row.replaceChildren(icon(shape), make('span', {}, make('b', { dir: 'auto' }, name), ' ', make('span', { class: 'hint' }, hint)), make('span', {}, ...made));
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

function refusal(answer, { status, seconds }, file, max) {
  if (status === 429) return `Too many at once; try again in ${seconds || 'a few'} seconds.`;
  if (status === 0) return 'The connection was lost.';
  if (status >= 500) return 'The server could not save it.';
  if (status === 413) return `${size(file.size)}; the limit is ${size(max)}`;
  return answer?.error ?? 'The server did not accept it.';
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** Sends one file; resolves when it has arrived, failed or was stopped. */
function send(form, row, file) {
  const max = Number(form.dataset.maxBytes) || Infinity;
  return new Promise(resolve => {
    if (!row.isConnected) return resolve();
    const request = new XMLHttpRequest();
    const bar = make('progress', { class: 'progress', max: '100', value: '0', 'aria-label': `${file.name}, sent so far` });
    const stop = () => { leave(form, row); request.abort(); };
    draw(row, file.name, 'sending', `0 bytes of ${size(file.size)}`, ['Stop', stop]);
    row.append(bar);
    request.upload.addEventListener('progress', event => {
      bar.value = event.total ? Math.floor(100 * event.loaded / event.total) : 0;
      row.querySelector('.hint').textContent = `${size(Math.min(event.loaded, file.size))} of ${size(file.size)}`;
    });
    request.addEventListener('loadend', () => {
      const answer = parse(request.responseText);
      if (request.status === 201 && answer?.name) {
        arrived(form, row, answer);
      } else if (row.isConnected) {
        const outcome = { status: request.status, seconds: request.getResponseHeader('Retry-After') };
        const passing = request.status === 0 || request.status === 429 || request.status >= 500;
        fail(form, row, file.name, refusal(answer, outcome, file, max), passing && (() => enqueue(form, row, file)));
      }
      resolve();
    });
    const body = new FormData();
    body.set('sender', user());
    body.set('submission_id', form.elements.submission_id?.value ?? '');
    body.set('attachment', file);
    request.open('POST', form.dataset.upload);
    request.setRequestHeader('Accept', 'application/json');
    request.send(body);
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
  queues.set(form, (queues.get(form) ?? Promise.resolve()).then(() => send(form, row, file)));
}

addEventListener('change', event => {
  const input = event.target;
  const form = input.form;
  if (input.type !== 'file' || !form?.matches('form[data-upload]')) return;
  const max = Number(form.dataset.maxBytes) || Infinity;
  const most = Number(form.dataset.maxFiles) || Infinity;
  for (const file of [...input.files]) {
    const row = make('li', { class: 'upload' });
    const full = rows(form, 'sending').length + rows(form, 'done').length >= most;
    list(form, input).append(row);
    if (full) fail(form, row, file.name, `Only ${most} files go with one message.`);
    else if (file.size > max) fail(form, row, file.name, `${size(file.size)}; the limit is ${size(max)}`);
    else enqueue(form, row, file);
  }
  input.value = ''; // they are on their way; the form must not send them again
});

// A row that the server drew removes its file by sending the form; with script
// that happens on the spot.
addEventListener('click', event => {
  const button = event.target.closest?.('form[data-upload] .upload button[name=remove]');
  if (!button) return;
  event.preventDefault();
  discard(button.form, button.closest('.upload'), button.value);
});

// Before anybody else hears of the sending: are all files through?
addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('form[data-upload]')) return;
  if (rows(form, 'failed').length) {
    stop(event);
    toast('A file was not uploaded. Remove it or try again, then send.');
    rows(form, 'failed')[0].querySelector('button')?.focus();
  } else if (rows(form, 'sending').length) {
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
  }
}, true);

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

async function settled(form) {
  while (rows(form, 'sending').length) await queues.get(form);
}
