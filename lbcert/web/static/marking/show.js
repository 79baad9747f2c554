// Making elements, by their properties and what is in them; text is always text.

export function element(name, properties = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...inside);
  return made;
}

/** A button; without an action it sends its form. */
export function button(text, action, className = "", label = "") {
  const made = element("button", { type: action ? "button" : "submit", className }, text);
  if (label) made.setAttribute("aria-label", label);
  if (action) made.addEventListener("click", action);
  return made;
}

/** Fill the gaps of a sentence: "{count} 项". */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

export const say = (place, text) => place.replaceChildren(element("p", {}, text));
