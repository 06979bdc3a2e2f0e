// Reads a QR code by the camera: shows it, sends a picture twice a second, goes on when the server has read one.
// Without a camera or a script the picture is uploaded or the digits are pasted: nothing here is needed.
const PAUSE = 500;

for (const box of document.querySelectorAll("[data-camera]")) {
  if (!navigator.mediaDevices?.getUserMedia) continue;
  const form = box.closest("form"), button = box.querySelector("button");
  const video = box.querySelector("video"), said = box.querySelector("[role=status]");
  let stream = null;
  box.hidden = false;

  const stop = (text) => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.hidden = true;
    button.textContent = box.dataset.start;
    said.textContent = text;
  };

  const look = async () => {
    if (!stream) return;
    const canvas = document.createElement("canvas");
    const side = Math.min(1, 1600 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = video.videoWidth * side;
    canvas.height = video.videoHeight * side;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const data = new FormData(form);
    for (const name of ["document", "digits", "share_code"]) data.delete(name);
    data.set("document", picture, "frame.jpg");
    try {
      const answer = await (await fetch(box.dataset.camera, { method: "POST", body: data })).json();
      if (answer.next) return location.assign(answer.next);
      if (answer.error) return stop(answer.error);
    } catch {
      said.textContent = box.dataset.again;
    }
    setTimeout(look, PAUSE);
  };

  button.addEventListener("click", async () => {
    if (stream) return stop("");
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
    } catch {
      return stop(box.dataset.none);
    }
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = box.dataset.stop;
    said.textContent = box.dataset.hold;
    await video.play();
    look();
  });
}
