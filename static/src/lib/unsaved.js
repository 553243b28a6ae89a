// The choices of a form with data-unsaved are saved by its button only. The form shows
// a mark (.unsaved) while a choice differs, and the user is asked before leaving the page.
import { isChanged, make } from './dom.js';

const hasChanges = form => [...form.elements].some(isChanged);
const anyUnsaved = () => [...document.querySelectorAll('form[data-unsaved]')].some(hasChanges);

/** Reports whether unsaved choices may be dropped. The user is asked if there are any. */
export const mayLeave = () => !anyUnsaved() || confirm('Your change is not saved. Leave it?');

addEventListener('beforeunload', event => { if (anyUnsaved()) event.preventDefault(); });
addEventListener('change', ({ target: { form } }) => {
  if (!form?.matches('[data-unsaved]')) return;
  form.querySelector('.unsaved')?.remove();
  if (hasChanges(form)) form.querySelector('button').after(' ', make('span', { class: 'unsaved' }, 'Not saved yet'));
});
