/* The browser's own Worker, before iframe-worker.js puts its own in its place on file://. */
window.handbookWorker = window.Worker;
