// The list of users (users.js), beside app.js.
import '../lib/filters.js';
