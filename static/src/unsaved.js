// A choice in a form with data-unsaved is saved by its button only. The form says
// so (.unsaved), and whoever leaves without pressing it is asked.
import { make } from './dom.js';

const changed = field => field.tagName === 'SELECT' && [...field.options].some(option => option.selected !== option.defaultSelected);
const isChanged = form => [...form.elements].some(changed);
const unsaved = () => [...document.querySelectorAll('form[data-unsaved]')].some(isChanged);

/** Asks whether an unsaved choice may be dropped, if there is one. */
export const mayLeave = () => !unsaved() || confirm('Your change is not saved. Leave it?');

addEventListener('beforeunload', event => { if (unsaved()) event.preventDefault(); });
addEventListener('change', ({ target: { form } }) => {
  if (!form?.matches('[data-unsaved]')) return;
  form.querySelector('.unsaved')?.remove();
  if (isChanged(form)) form.querySelector('button').after(' ', make('span', { class: 'unsaved' }, 'Not saved yet'));
});
