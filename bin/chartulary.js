#!/usr/bin/env node
"use strict";
// Old syntax on purpose: whatever Node finds this file first must be able to read it, so that it can say what is missing.
var childProcess = require("child_process");
var fs = require("fs");
var nodeModule = require("module");
var os = require("os");
var path = require("path");
var url = require("url");
var v8 = require("v8");
var linkNode = require("./node-from-npm.js").linkNode;

var NEEDED = 24;

function stop(sentence) {
  process.stderr.write("chartulary: " + sentence + "\n");
  process.exitCode = 2;
}

/** A checkout runs its source as it is; a package below node_modules runs what was built, since Node strips no types there. */
function entry() {
  var root = fs.realpathSync(path.join(__dirname, ".."));
  var built = path.join(root, "dist", "main.js");
  var source = path.join(root, "src", "main.ts");
  var isPackage = root.split(path.sep).indexOf("node_modules") >= 0 || !fs.existsSync(source);
  return isPackage && fs.existsSync(built) ? built : source;
}

/** Goes on in another Node as if it had been that one from the start. */
function goOnIn(node) {
  // As `npm start` has it: V8 lets its young generation grow to 128 MB and gives none of it back; 32 MB are as fast here.
  var child = childProcess.spawn(node, ["--max-semi-space-size=16", __filename].concat(process.argv.slice(2)), { stdio: "inherit" });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on("error", function (error) {
    stop(error.message);
  });
  child.on("exit", function (code) {
    process.exitCode = code === null ? 2 : code;
  });
}

/**
 * What V8 made of the source is kept below CACHE_DIR, so that the next start reads it instead of making it again: a command starts in a third of the time, and so does each thread. Code comes from there, so the
 * folder must be ours, and writable for nobody else; else nothing is kept, and nothing is read.
 */
function keepCompiled() {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE) return;
  var cache = (process.env.CACHE_DIR || path.join("~", ".cache", "chartulary")).trim().replace(/^~(?=\/|$)/, os.homedir());
  var folder = path.resolve(cache, "compiled");
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 448 });
    if (![path.dirname(folder), folder].every(isOurs)) return;
    // Threads and processes that are started from here read it there.
    process.env.NODE_COMPILE_CACHE = folder;
    nodeModule.enableCompileCache(folder);
  } catch (ignored) {
    // Where nothing can be kept, everything works as before.
  }
}

function isOurs(folder) {
  var stat = fs.lstatSync(folder);
  if (!process.getuid) return stat.isDirectory();
  return stat.isDirectory() && stat.uid === process.getuid() && (stat.mode & 18) === 0;
}

/**
 * Where V8 saw literals outlive collections of young garbage, its compiled code makes them old from the start. What is made while a document is judged outlives these as long as the document does: once old it is
 * garbage that keeps the document's whole tree, which each collection then copies, until one of old garbage comes. For a service, which judges many: Node's own compiled code does not fit the option, which costs
 * each start some 30 ms.
 */
function keepYoung() {
  v8.setFlagsFromString("--no-allocation-site-pretenuring");
}

function run() {
  if (process.argv[2] === "serve") keepYoung();
  keepCompiled();
  import(url.pathToFileURL(entry()).href)
    .then(function (program) {
      return program.main(process.argv.slice(2));
    })
    .then(function (code) {
      process.exitCode = code;
    })
    .catch(function (error) {
      stop("could not start: " + (error && error.message ? error.message : String(error)));
      if (process.env.LOG_LEVEL === "debug") process.stderr.write((error && error.stack) + "\n");
      // What was opened before (threads, a browser) would keep a process alive that serves nobody.
      process.exit();
    });
}

if (parseInt(process.versions.node, 10) >= NEEDED) {
  run();
} else {
  var unlinked = linkNode();
  if (unlinked !== undefined) goOnIn(unlinked);
  else
    stop(
      "Node " +
        NEEDED +
        " or later is needed, this is " +
        process.version +
        ": start with `npm start` or `npx chartulary`, which use the Node that npm installed",
    );
}
