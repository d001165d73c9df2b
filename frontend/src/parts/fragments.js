// Fragments of pages by htmx: the proof that a request is ours, and answers that are shown though they refuse.
import htmx from 'htmx.org';

import { csrfToken } from './asking.js';
import { noteFailure, noteSuccess } from './connection.js';
import { calm, warn, warnOffline } from './saying.js';
import { text } from './strings.js';

document.addEventListener('htmx:configRequest', ({ detail }) => {
  detail.headers['X-CSRF-Token'] = csrfToken();
});

document.addEventListener('htmx:beforeRequest', ({ detail }) => {
  if (detail.requestConfig.verb !== 'get') calm();
});

// A refusal comes with its words: as the fragment itself, or as a banner for #alerts.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader('Content-Type')?.startsWith('text/html')) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

document.addEventListener('htmx:afterRequest', ({ detail }) => detail.xhr.status && noteSuccess());
document.addEventListener('htmx:responseError', ({ detail }) =>
  detail.requestConfig.verb === 'get' ? warn(text('notShown'), text('tryAgain')) : warn(text('broke'), text('notKnown')),
);
document.addEventListener('htmx:sendError', ({ detail }) => {
  noteFailure();
  if (detail.requestConfig.verb !== 'get') warnOffline(text('failed'), text('notSent'));
});

// Autofocus is the browser's only for whole pages.
document.addEventListener('htmx:afterSettle', ({ detail }) => {
  detail.elt.querySelector?.('[role=alert]')?.scrollIntoView({ block: 'nearest' });
});

export { htmx };
