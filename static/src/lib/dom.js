// Helpers for elements. Text of users is always set as text, never as markup: the only markup
// that scripts parse is that of the page's own templates.

/** Makes an element: attributes first, then children (elements or strings). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Makes an element from the markup that the page holds for scripts under this name (ui.Template).
 * The element gets the state as data-state, and only those parts with data-in that list the state. */
export function fromTemplate(name, state) {
  const template = document.createElement('template');
  template.innerHTML = document.getElementById(`${name}-template`).textContent;
  const element = template.content.firstElementChild;
  if (state) element.dataset.state = state;
  for (const part of element.querySelectorAll('[data-in]')) if (!part.dataset.in.split(' ').includes(state)) part.remove();
  return element;
}

/** The text of an element with single spaces between its words; "" without an element. */
export const textOf = element => element?.textContent.trim().replace(/\s+/g, ' ') ?? '';

/** Reports whether a field is a select whose choice is not the one that the page was sent with. */
export const isChanged = field => field.tagName === 'SELECT' && [...field.options].some(option => option.selected !== option.defaultSelected);

/** The id of the user whose page this is. Another user may have signed in since it was loaded. */
export const userID = () => document.querySelector('.menu')?.dataset.user ?? '';

/** The key under which the browser stores something for this user. Signing out removes all of them (sign-out.js). */
export const userKey = name => `draft:${userID()}:${name}`;

/** The address of the sign-in page that leads back here. */
export const signInURL = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;

/** The time of day in the reader's time zone. */
export const timeOfDay = date => date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Shows the time of day of a date in a <time> element, if there is one. */
export function setTime(element, date) {
  if (!element) return;
  element.dateTime = date.toISOString();
  element.textContent = timeOfDay(date);
}

/** Moves the focus to an element, even to one that the Tab key does not reach. */
export function focusOn(element) {
  if (!element.matches('a,button,input,select,summary,textarea,[tabindex]')) element.setAttribute('tabindex', '-1');
  element.focus();
}
