// Whatever people write becomes text here, and nothing else: there is no other way from a string into the page.

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

/** @returns {HTMLElement} By its id, which is in index.html. */
export const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** A colour that is always the same for a name, as the hue of it. */
export function hueOf(name) {
  // FNV-1a, which takes similar names far apart.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name))
    hash = Math.imul(hash ^ byte, 0x01000193);

  return (hash >>> 0) % 360;
}

export function avatarFor(name) {
  const avatar = element('span', 'avatar', firstLetterOf(name));
  avatar.ariaHidden = 'true';
  avatar.style.setProperty('--hue', String(hueOf(name)));
  return avatar;
}

// What people see as one letter may be several code points.
function firstLetterOf(name) {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return first?.segment.toLocaleUpperCase() ?? '';
}
