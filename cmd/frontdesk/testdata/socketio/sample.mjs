// The sample of the first system's README, as printed there, with "auth" added.
import { io } from "socket.io-client";

const socket = io("http://localhost:4000", { withCredentials: true, auth: { token } });

// Join a ticket room
socket.emit("join-room", ticketId);

// Receive new messages
socket.on("message", (payload) => {
  console.log("Received", payload);
});

// Send a message
socket.emit("message", {
  ticketId,
  message: "Hello there",
  senderId: currentUserId, // match the JWT user id
});
