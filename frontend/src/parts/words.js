// The page's own words, in the reader's language: the server writes them into a JSON block.
let known;

export function say(key, values = {}) {
  known ??= JSON.parse(document.getElementById('studio-words')?.textContent || '{}');
  return (known[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
