// A field with data-max accepts more characters than may be sent, so that nothing pasted
// is cut off. Near the limit a line above the field shows how many are left, or too many.
import { make } from './dom.js';

function countText(left) {
  const count = Math.abs(left).toLocaleString('en');
  return `${count} character${count === '1' ? '' : 's'} ${left < 0 ? 'too many' : 'left'}`;
}

addEventListener('input', ({ target: field }) => {
  const max = Number(field.dataset?.max);
  if (!max) return;
  const id = `${field.id}-count`;
  let line = document.getElementById(id);
  if (field.value.length < 0.9 * max) return line?.remove();
  const left = max - [...field.value.trim()].length;
  if (!line) field.before(line = make('p', { id, role: 'status' }));
  line.className = left < 0 ? 'field-error' : 'hint';
  line.textContent = countText(left);
});
