// Artifacts on the page: pictures are shown, every other file is only offered for saving.

import { bytes, text } from '../strings.js';
import { el, setText } from './dom.js';
import { blobUrl, isOpen } from './files.js';

/** @typedef {import('../artifacts.js').Artifact} Artifact */

/** @param {Artifact[]} artifacts @returns {HTMLElement} */
export function artifactList(artifacts) {
  const pictures = artifacts.filter(({ image }) => image !== null).map(figure);
  const others = artifacts.filter(({ image }) => image === null).map((artifact) => el('li', {}, saveLink(artifact, nameAndSize(artifact))));
  const node = el('div', { class: 'artifacts' }, ...pictures);
  if (others.length > 0) node.append(el('ul', { class: 'saves' }, ...others));
  return node;
}

/** @param {Artifact} artifact */
function figure(artifact) {
  const img = el('img', { alt: artifact.name, decoding: 'async', loading: 'lazy', draggable: 'false' });
  const open = el('a', { class: 'picture', target: '_blank', rel: 'noopener noreferrer' }, img);
  const why = el('span');
  const again = el('button', { type: 'button', class: 'secondary' }, text.again);
  const failed = el('div', { class: 'picture-failed', hidden: true }, why, again);
  const node = el('figure', {}, open, failed, el('figcaption', {}, el('span', {}, nameAndSize(artifact)), saveLink(artifact, text.files.save)));

  /** @param {string} url */
  const show = (url) => {
    const hadFocus = document.activeElement === again;
    failed.hidden = true;
    open.hidden = false;
    open.href = url;
    img.src = url;
    if (hadFocus) open.focus({ preventScroll: true });
  };
  /** @param {string} message */
  const fail = (message) => {
    setText(why, `${text.files.notShown(artifact.name)} ${message}`);
    failed.hidden = false;
    open.hidden = true;
  };
  const fetchIt = () => blobUrl(artifact).then(show, (/** @type {Error} */ { message }) => fail(message));
  again.addEventListener('click', () => void fetchIt());
  img.addEventListener('error', () => {
    // The first failure may be the want of a key, which only a request of the page can tell.
    if (img.src.startsWith('blob:')) fail(text.files.noPicture);
    else void fetchIt();
  });
  if (isOpen()) show(artifact.url);
  else whenSeen(node, () => void fetchIt());
  return node;
}

/** @param {Artifact} artifact @param {string} label */
function saveLink(artifact, label) {
  const link = el('a', { href: artifact.url, download: artifact.name }, label);
  const error = el('span', { class: 'field-error', role: 'alert' });
  link.setAttribute('aria-label', text.files.saveNamed(nameAndSize(artifact)));
  link.addEventListener('click', (event) => {
    if (isOpen() || link.href.startsWith('blob:')) return;
    event.preventDefault();
    setText(error, '');
    blobUrl(artifact).then(
      (url) => {
        link.href = url;
        link.click();
        link.href = artifact.url;
      },
      (/** @type {Error} */ { message }) => setText(error, `${text.files.notSaved} ${message}`),
    );
  });
  return el('span', { class: 'save' }, link, error);
}

/** @param {HTMLElement} node @param {() => void} act */
function whenSeen(node, act) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    act();
  }, { rootMargin: '200px' });
  observer.observe(node);
}

/** @param {Artifact} artifact */
function nameAndSize({ name, bytes: size }) {
  return size === null ? name : `${name}, ${bytes(size)}`;
}
