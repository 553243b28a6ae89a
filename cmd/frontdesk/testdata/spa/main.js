// A front end as a customer of the first system would have written it from that system's README.
import * as account from "./account.js";
import { signOut } from "./api.js";
import { element } from "./dom.js";
import { show } from "./ticket.js";
import * as tickets from "./tickets.js";

const routes = [
  [/^#\/register$/, account.register], [/^#\/login$/, account.login], [/^#\/tickets\/new$/, tickets.create],
  [/^#\/tickets\/(\d+)$/, show], [/^#\/tickets\/(\d+)\/edit$/, tickets.edit], [/^#\/admin$/, tickets.admin], [/.*/, tickets.list],
];

async function render() {
  const [pattern, page] = routes.find(([pattern]) => pattern.test(location.hash));
  const id = Number(pattern.exec(location.hash)[1]);
  try {
    document.querySelector("main").replaceChildren(...await page(id));
  } catch (error) {
    document.querySelector("main").replaceChildren(element("h1", {}, "This did not work"), element("p", { className: "problem" }, error.message));
  }
}

document.querySelector("#sign-out").addEventListener("click", () => { signOut(); location.hash = "#/login"; });
addEventListener("hashchange", render);
render();
