// The page's words, in the language of its reader; the server writes them into a JSON block.
const block = document.getElementById('strings');
const known = block ? JSON.parse(block.textContent) : {};

export function text(name, values = {}) {
  return (known[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
