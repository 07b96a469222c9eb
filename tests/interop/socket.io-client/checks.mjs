// What the checks of both clients have in common: each is run by itself, with sockets that are closed behind it, and told as a line of TAP.
export const url = process.argv[2];
const checks = [];

export const check = (name, run) => checks.push({ name, run });

export const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));

/** Runs all checks, and ends the process. A check is given a function that notes a socket of its own. */
export async function runAll() {
  console.log(`1..${checks.length}`);
  let failed = 0;
  for (const [index, { name, run }] of checks.entries()) {
    const sockets = [];
    let timer;
    try {
      const timeout = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it took more than 30 seconds")), 30_000)));
      await Promise.race([run((socket) => (sockets.push(socket), socket)), timeout]);
      console.log(`ok ${index + 1} ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${index + 1} ${name}: ${error.stack}`);
    } finally {
      clearTimeout(timer);
      sockets.forEach((socket) => socket.disconnect());
    }
  }

  process.exit(failed === 0 ? 0 : 1);
}
