/**
 * Elements bring their styles along, since pages load them only when they are needed.
 * Until they are there, the element is not seen. A page may link `name`.css itself.
 */
export async function dress(element, name) {
  if (document.querySelector(`link[href*="/studio/make/${name}."]`)) return;
  element.style.opacity = "0";
  const link = document.createElement("link");
  const loaded = new Promise((done) => (link.onload = link.onerror = done));
  Object.assign(link, { rel: "stylesheet", href: new URL(`${name}.css`, import.meta.url) });
  document.head.append(link);
  await loaded;
  element.style.opacity = "";
}
