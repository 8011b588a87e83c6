// The steps of the paths as a film, recorded by the browser from a canvas on which every step is drawn. It is WebM, which
// browsers write themselves; a GIF of the same run is written by `dg.animate`.
"use strict";

const Recording = (() => {
  const MOST = 240, RATE = 25, SCALE = 2;
  const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
  const type = () => typeof MediaRecorder === "undefined" ? null : TYPES.find(t => MediaRecorder.isTypeSupported(t)) ?? null;

  // The steps that are shown: all of them, or as many as fit, evenly.
  const frames = steps => {
    const n = Math.min(steps, MOST);
    return Array.from({ length: n + 1 }, (_, k) => Math.round(k * steps / n));
  };

  // `at(step)` shows a step and resolves when it is drawn.
  const save = async (s, at) => {
    const kind = type();
    if (!kind) throw new Error("this browser records no video");
    const canvas = document.createElement("canvas"), first = await Pictures.canvas(s, SCALE), ctx = canvas.getContext("2d");
    canvas.width = first.width; canvas.height = first.height;
    const stream = canvas.captureStream(0), [track] = stream.getVideoTracks(), parts = [];
    const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 6e6 });
    recorder.ondataavailable = e => parts.push(e.data);
    const ended = new Promise(done => { recorder.onstop = done; });
    recorder.start();
    for (const step of frames(s.steps)) {
      await at(step);
      const picture = await Pictures.canvas(s, SCALE), waited = new Promise(done => setTimeout(done, 1000 / RATE));
      ctx.drawImage(picture, 0, 0, canvas.width, canvas.height);
      track.requestFrame?.();
      await waited;
    }
    recorder.stop();
    await ended;
    const film = new Blob(parts, { type: "video/webm" });
    Pictures.download("diracgan-phase.webm", film);
    return film.size;
  };

  return { save, type };
})();
