// A browser is never downloaded at install: src/adapters/chromium finds one that is there already (see its README section).
module.exports = { skipDownload: true };
