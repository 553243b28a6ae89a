/** Creates an element with properties and children, which are elements or texts. */
export function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

/** Creates a field of a form with a label. */
export function field(name, properties = {}, tag = "input") {
  return element("p", {}, element("label", { htmlFor: name }, name), " ", element(tag, { id: name, name, ...properties }));
}

/** Creates a field with a choice. */
export function choice(name, options, value) {
  const select = element("select", { id: name, name }, ...options.map((o) => element("option", {}, o)));
  if (value) select.value = value;
  return element("p", {}, element("label", { htmlFor: name }, name), " ", select);
}

/** Creates a form that shows the message of a failure. */
export function form(label, submit, ...fields) {
  const problem = element("p", { className: "problem" });
  const f = element("form", {}, ...fields, problem, element("button", {}, label));
  f.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      await submit(new FormData(f), f);
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  return f;
}
