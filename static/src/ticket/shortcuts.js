// Ctrl+Enter sends a comment or a note, and Enter sends a chat message. The Enter that ends
// the input of an input method sends nothing.
import { isComposing } from '../lib/composing.js';

const sendButton = form => form.querySelector('button:not([type=button], [name=remove])');

addEventListener('keydown', event => {
  if (event.key !== 'Enter' || isComposing(event) || event.target.tagName !== 'TEXTAREA') return;
  const form = event.target.closest('.composer form, .chat form');
  const isShortcut = event.target.closest('.chat') ? !event.shiftKey : event.ctrlKey || event.metaKey;
  if (!form || !isShortcut) return;
  event.preventDefault();
  form.requestSubmit(sendButton(form));
});
