"use strict";
// Old syntax, as in chartulary.js. npm 10 takes node_modules/.bin/node away again together with the packages of the other platforms, for each of
// them brings a file of that name. This puts it back: before `npm start`, `npm test` and the like (package.json), and from chartulary.js.
var fs = require("fs");
var path = require("path");

/** The node_modules folder that holds the Node of this platform: ours in a checkout, the one around us in a package. */
function modulesFolder() {
  var root = fs.realpathSync(path.join(__dirname, ".."));
  var folders = [path.join(root, "node_modules"), path.dirname(root)];
  for (var index = 0; index < folders.length; index++) if (fs.existsSync(nodeIn(folders[index]))) return folders[index];
  return undefined;
}

function nodeIn(modules) {
  return path.join(modules, "node-" + process.platform + "-" + process.arch, "bin", "node");
}

/** Puts the link back. Returns the Node that npm brought if it was not linked, and so was not found by whoever started us; else undefined. */
function linkNode() {
  if (process.platform === "win32") return undefined;
  var modules = modulesFolder();
  if (modules === undefined || fs.existsSync(path.join(modules, ".bin", "node"))) return undefined;
  try {
    fs.symlinkSync(path.relative(path.join(modules, ".bin"), nodeIn(modules)), path.join(modules, ".bin", "node"));
  } catch (error) {
    // A folder that we may not write to: then it is used this once.
  }
  return nodeIn(modules);
}

exports.linkNode = linkNode;
if (require.main === module) linkNode();
