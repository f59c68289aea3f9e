"use strict";
// Run by npm after `npm ci` (`prepare`), with whatever Node there is: old syntax. npm 10 takes node_modules/.bin/node away again, together with the
// packages of the other platforms, whose file it is as well (all four bring a `node`): put it back.
var fs = require("fs");
var path = require("path");

var modules = path.join(__dirname, "..", "node_modules");
var name = "node-" + process.platform + "-" + process.arch;
var link = path.join(modules, ".bin", "node");

if (process.platform !== "win32" && fs.existsSync(path.join(modules, name, "bin", "node")) && !fs.existsSync(link)) {
  try {
    fs.symlinkSync(path.join("..", name, "bin", "node"), link);
  } catch (error) {
    // Then bin/chartulary.js says what is missing.
  }
}
