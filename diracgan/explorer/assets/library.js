// Bokeh, which comes packed: it runs once it is unpacked.
"use strict";

const Library = (() => {
  const unpacked = () => {
    const bytes = Uint8Array.from(atob(document.getElementById("library").textContent), c => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const ready = async () => {
    if (typeof DecompressionStream === "undefined") throw new Error("it needs a browser of 2023 or later");
    const script = document.createElement("script");
    script.textContent = await unpacked();
    document.head.append(script);
  };

  return { ready };
})();
