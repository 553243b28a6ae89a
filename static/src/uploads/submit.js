// The submission of a form waits until its files are sent, and is stopped if one failed.
import { announce } from '../lib/announcer.js';
import { focusOn, fromTemplate, textOf } from '../lib/dom.js';
import { whenSent } from './queue.js';
import { rowsIn } from './rows.js';

const waiting = new WeakSet(); // forms that are submitted when their files are sent

/** Lists the files that failed, as the server's error summary lists the fields with errors. */
function showFailed(form, failed) {
  const summary = fromTemplate('upload-errors');
  const list = summary.querySelector('ul');
  const item = list.firstElementChild;
  list.replaceChildren(...failed.map((row, i) => {
    row.id ||= `file-${Date.now()}-${i}`;
    const link = item.cloneNode(true);
    link.firstElementChild.href = `#${row.id}`;
    link.querySelector('bdi').textContent = textOf(row.querySelector('b'));
    link.querySelector('span').textContent = textOf(row.querySelector('.hint'));
    return link;
  }));
  summary.querySelector('span').textContent = failed.length === 1 ? '1 file' : `${failed.length} files`;
  document.getElementById('summary')?.remove();
  (form.closest('.composer') ? form : document.getElementById('main')).prepend(summary);
  focusOn(summary);
}

addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('form[data-upload]')) return;
  const failed = rowsIn(form, 'failed', 'refused');
  if (failed.length) {
    stop(event);
    return showFailed(form, failed);
  }
  if (!rowsIn(form, 'sending').length) return form.querySelector('#summary')?.remove();
  stop(event);
  if (!waiting.has(form)) submitLater(form, event.submitter);
}, true);

async function submitLater(form, submitter) {
  waiting.add(form);
  announce('Uploading files; the form is sent when they are done.');
  form.setAttribute('aria-busy', 'true');
  await whenSent(form);
  waiting.delete(form);
  form.removeAttribute('aria-busy');
  if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : undefined);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
