// Has the client that the suite tests use only some transports where a case does not say which: TRANSPORTS=polling mocha --require transports.cjs …
const path = require("node:path");

const { Manager } = require(path.resolve("build/cjs/manager.js"));
const open = Manager.prototype.open;
Manager.prototype.open = Manager.prototype.connect = function (callback) {
  this.opts.transports ??= process.env.TRANSPORTS.split(",");
  return open.call(this, callback);
};
