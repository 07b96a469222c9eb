// Whatever the server sends becomes text here, and nothing else: there is no other way from a string into the page.

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {string} className Empty for none.
 * @param {...(string | Node)} content
 */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className)
    made.className = className;

  made.append(...content);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(string | Node)} content
 */
export function shape(tag, attributes, ...content) {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes))
    made.setAttribute(name, String(value));

  made.append(...content);
  return made;
}

/** @returns {HTMLElement} By its id, which is in index.html. */
export const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** Sets a text if it is another one, so that nothing is laid out anew without a reason. */
export function write(target, text) {
  if (target.textContent !== text)
    target.textContent = text;
}
