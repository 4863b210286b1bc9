// The poster: its button opens the browser's own print dialogue.

import "./poster.css";

document.getElementById("print")!.addEventListener("click", () => print());
