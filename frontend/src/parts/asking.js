// Requests of our own: with the page's proof that it is ours, and with errors that can be told apart.
import { RefusedError } from './server.js';

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

export const csrfToken = () => meta('csrf-token');
export const eventsUrl = () => meta('events-url');

export { RefusedError };

export async function ask(url, { method = 'GET', body, headers = {}, ...rest } = {}) {
  const sent = { 'X-CSRF-Token': csrfToken(), Accept: 'application/json', ...headers };
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  const json = body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(url, { method, body: json, headers: sent, ...rest });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new RefusedError(answer.status, told?.error);
}

export async function askJson(url, options) {
  const answer = await ask(url, options);
  return answer.status === 204 ? null : answer.json();
}

// What tells that a part of this page is asked for, as htmx says it.
export const fragmentHeaders = () => ({ 'HX-Request': 'true', 'HX-Current-URL': location.href });

export async function askFragment(url, target) {
  const answer = await ask(url, { headers: { ...fragmentHeaders(), 'HX-Target': target, Accept: 'text/html' } });
  const elsewhere = answer.headers.get('HX-Redirect');
  if (elsewhere) location.assign(elsewhere);
  return answer.text();
}
