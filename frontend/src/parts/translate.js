// The words of bpmn.io's own tools in the reader's language; what we have no word for stays English.

export async function translation(language, dictionaries) {
  const known = /^zh/.test(language) ? Object.assign({}, ...(await Promise.all(dictionaries.map((load) => load())))) : {};
  function translate(template, values = {}) {
    return (known[template] ?? template).replace(/\{([^}]+)\}/g, (all, name) => values[name] ?? all);
  }
  return { translate: ['value', translate] };
}
