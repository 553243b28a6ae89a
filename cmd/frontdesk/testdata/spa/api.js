// Requests to the API, and the token of the user.
import { API_URL } from "./config.js";

export const getToken = () => localStorage.getItem("token");
export const setToken = (token) => localStorage.setItem("token", token);
export const signOut = () => localStorage.removeItem("token");

/** Returns the user of the token, with id and role. */
export function currentUser() {
  const token = getToken();
  return token && JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}

/** Sends an object as JSON, or a form as multipart/form-data. It throws the message of a failure. */
export async function request(method, path, body) {
  const headers = {};
  if (getToken()) headers.Authorization = `Bearer ${getToken()}`;
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const answer = await fetch(API_URL + path, { method, headers, body, credentials: "include" });
  if (answer.status === 204) return null;
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.message);
  return data;
}
