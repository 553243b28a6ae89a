// Registering and signing in.
import { request, setToken } from "./api.js";
import { element, field, form } from "./dom.js";

function page(title, path, ...fields) {
  const submit = async (data) => {
    const { token } = await request("POST", path, Object.fromEntries(data));
    setToken(token);
    location.hash = "#/tickets";
  };
  return [element("h1", {}, title), form(title, submit, ...fields, field("email", { type: "email" }), field("password", { type: "password" }))];
}

export const register = () => page("Register", "/auth/register", field("username"));
export const login = () => page("Sign in", "/auth/login");
