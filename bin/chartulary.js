#!/usr/bin/env node
"use strict";
// Old syntax on purpose: whatever Node finds this file first must be able to read it, so that it can say what is missing.
var fs = require("fs");
var path = require("path");
var url = require("url");

var NEEDED = 24;
var major = parseInt(process.versions.node, 10);

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

if (!(major >= NEEDED)) {
  stop(
    "Node " + NEEDED + " or later is needed and this is " + process.version + "; start with `npm start` or `npx chartulary`, which use the Node that `npm ci` installed"
  );
} else {
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
    });
}
