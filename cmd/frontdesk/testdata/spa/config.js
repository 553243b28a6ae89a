// The address of the server, from ?api=http://localhost:4000 of the first page that is opened.
const given = new URLSearchParams(location.search).get("api");
if (given) localStorage.setItem("api", given);

export const SOCKET_URL = localStorage.getItem("api") ?? "http://localhost:4000";
export const API_URL = SOCKET_URL + "/api";
