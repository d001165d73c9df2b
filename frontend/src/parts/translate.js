// The words of bpmn.io's own tools in the reader's language; what we have no word for stays English.

import { say } from './words.js';

// What the canvas counts is advice on style: it keeps nothing from being published, and has a form for one.
const COUNTED = '{errors} Errors, {warnings} Warnings';

export async function translation(language, dictionaries) {
  const known = /^zh/.test(language) ? Object.assign({}, ...(await Promise.all(dictionaries.map((load) => load())))) : {};
  function translate(template, values = {}) {
    if (template === COUNTED) return say('style_hints', { n: Number(values.errors) + Number(values.warnings) });
    return (known[template] ?? template).replace(/\{([^}]+)\}/g, (all, name) => values[name] ?? all);
  }
  return { translate: ['value', translate] };
}
