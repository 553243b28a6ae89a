// Ctrl+Enter sends a comment; Enter alone sends a chat message. An Enter that ends
// the input of an IME sends nothing: it has isComposing, in Safari keyCode 229.
const sends = form => form.querySelector('button:not([type=button]):not([name])');

addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || event.target.tagName !== 'TEXTAREA') return;
  const form = event.target.closest('.composer form, .chat form');
  const pressed = event.target.closest('.chat') ? !event.shiftKey : event.ctrlKey || event.metaKey;
  if (!form || !pressed) return;
  event.preventDefault();
  form.requestSubmit(sends(form));
});
