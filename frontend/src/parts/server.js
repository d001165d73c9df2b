// Speaks with /api/v1 as our own pages may: by the session's cookie, with the token against forged requests.

export class RefusedError extends Error {
  constructor(status, { message, fields = {} } = {}) {
    super(message || `HTTP ${status}`);
    this.status = status;
    this.fields = fields;
  }

  // One line for each thing that is wrong, with its place where the server names one.
  get lines() {
    const named = Object.entries(this.fields).flatMap(([place, why]) => wordsOf(why).map((each) => `${place}: ${each}`));
    return named.length ? named : [this.message];
  }
}

function wordsOf(why) {
  if (Array.isArray(why)) return why.flatMap(wordsOf);
  if (why && typeof why === 'object') return Object.entries(why).flatMap(([at, each]) => wordsOf(each).map((w) => `${at} ${w}`));
  return [String(why)];
}

export async function send(method, url, body, headers = {}) {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': csrf(), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw new RefusedError(response.status, answer.error);
  return answer;
}

export async function read(url) {
  const response = await fetch(url, { cache: 'no-store' });
  if (!response.ok) throw new RefusedError(response.status);
  return { text: await response.text(), version: Number((response.headers.get('ETag') || '0').replace(/\D/g, '')) };
}

export function encode(text) {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

function csrf() {
  return document.querySelector('meta[name=csrf-token]')?.content || '';
}
