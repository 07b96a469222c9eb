// The chat of the Socket.IO tutorial. The client itself comes from the server's folder, if it was given one.
const [form, text, messages, state, missing] = ["form", "text", "messages", "state", "missing"].map((id) => document.getElementById(id));

if (typeof io === "undefined") {
  missing.hidden = false;
  form.hidden = true;
  state.textContent = "No client";
} else {
  const socket = io();
  const show = () => {
    state.textContent = socket.connected ? `Connected over ${socket.io.engine.transport.name}` : "Reconnecting…";
  };

  socket.on("connect", () => {
    show();
    socket.io.engine.once("upgrade", show);
  });
  socket.on("disconnect", show);
  socket.on("chat message", (said) => {
    const item = document.createElement("li");
    item.textContent = said;
    messages.append(item);
    item.scrollIntoView({ block: "end" });
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value === "") return;
    socket.emit("chat message", text.value);
    text.value = "";
  });
}
