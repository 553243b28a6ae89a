// The form of a new or edited ticket (form.js), beside app.js.
import '../lib/drafts.js';
import '../lib/character-count.js';
import '../uploads/main.js';
