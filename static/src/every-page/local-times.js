// The server writes times in the time zone of the desk, which the footer names. This
// rewrites them in the time zone of the reader, in the same format.
import { timeOfDay } from '../lib/dom.js';

const month = new Intl.DateTimeFormat('en-US', { month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** The day of a date, in the format of the text that it replaces. */
function day(date, text) {
  const now = new Date();
  const ago = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
  const name = ['today', 'yesterday'][ago];
  if (name) return /^[A-Z]/.test(text) ? name[0].toUpperCase() + name.slice(1) : name;
  const year = /\d{4}/.test(text) || date.getFullYear() !== now.getFullYear();
  return `${date.getDate()} ${month.format(date)}${year ? ` ${date.getFullYear()}` : ''}`;
}

/** Rewrites the times below a node. Relative times ("2 hours ago") stay. */
function localizeTimes(root) {
  for (const element of root.querySelectorAll('time[datetime*=T]')) {
    const [date, text] = [new Date(element.dateTime), element.textContent.trim()];
    element.title = full.format(date);
    if (/ago|now/.test(text)) continue;
    const hasTime = text.includes(':');
    element.textContent = [...(hasTime && text.length < 6 ? [] : [day(date, text)]), ...(hasTime ? [timeOfDay(date)] : [])].join(', ');
  }
}

document.addEventListener('htmx:before:swap', ({ detail }) => {
  for (const { fragment } of detail.tasks) if (fragment?.querySelectorAll) localizeTimes(fragment);
});
addEventListener('DOMContentLoaded', () => {
  localizeTimes(document);
  const zone = document.getElementById('zone');
  if (zone) zone.textContent = `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ')}.`;
});
