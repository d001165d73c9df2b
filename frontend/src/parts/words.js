// The page's own words, in the reader's language: the server writes them into a JSON block.
let known;

// A word with the number `n` may have a form for one: `rules_hit_one` beside `rules_hit`.
export function say(word, values = {}) {
  known ??= JSON.parse(document.getElementById('studio-words')?.textContent || '{}');
  const key = Number(values.n) === 1 && `${word}_one` in known ? `${word}_one` : word;
  return (known[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
