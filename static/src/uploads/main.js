// Sends the files of a form with data-upload one by one as soon as they are chosen, dropped
// anywhere on the form, or pasted. The server keeps them under the submission_id of the form,
// which is then sent without them. A file that could not be sent stops the form.
import './submit.js';
import { takeFiles } from './queue.js';

const takeChosen = input => {
  takeFiles(input.form, [...input.files]);
  input.value = ''; // the form must not send them again
};

addEventListener('change', event => {
  if (event.target.matches?.('form[data-upload] input[type=file]')) takeChosen(event.target);
});

// Files that were chosen before this script was loaded.
for (const input of document.querySelectorAll('form[data-upload] input[type=file]')) takeChosen(input);

// ---- dropped and pasted files

const dropForm = event => event.dataTransfer?.types.includes('Files') && event.target.closest?.('form[data-upload]');

for (const kind of ['dragover', 'dragleave', 'drop']) {
  addEventListener(kind, event => {
    const form = dropForm(event);
    if (!form) return;
    event.preventDefault();
    form.toggleAttribute('data-over', kind === 'dragover');
    if (kind === 'drop') takeFiles(form, [...event.dataTransfer.files]);
  });
}

addEventListener('paste', event => {
  const form = event.target.closest?.('form[data-upload]');
  const files = [...event.clipboardData?.files ?? []];
  if (!form || files.length === 0 || event.clipboardData.types.includes('text/plain')) return; // text that comes with a picture of itself is pasted as text
  event.preventDefault();
  takeFiles(form, files);
});
